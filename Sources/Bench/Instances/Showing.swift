import Objects
import SystemPackage

/// The tree as one contender shows it.
struct Showing: Sendable {
    /// Where the bytes are that it shows.
    enum Backing: Sendable {
        /// It is the files themselves.
        case none
        /// Objects below the root of an instance.
        case store(FilePath)
        /// The same files below another folder.
        case copy(FilePath)
        /// Files of some other shape in a folder.
        case folder(FilePath)
    }

    let contender: Contender
    let top: FilePath
    let backing: Backing
    /// So slow that it takes one round, and shows a part of the tree only.
    var isSlow = false

    func path(of file: SampleTree.File) -> FilePath { top.pushing(file.path) }

    /// Which of many files it is measured with.
    func share(of files: [SampleTree.File]) -> [SampleTree.File] {
        isSlow ? stride(from: 0, to: files.count, by: 10).map { files[$0] } : files
    }

    /// Brings files into a state of the kernel's caches.
    func bring(_ files: [SampleTree.File], into state: CacheState) throws {
        for file in files {
            switch state {
            case .warm: try PlainFile.read(path(of: file))
            case .first:
                guard let source = source(of: file) else {
                    try PlainFile.read(path(of: file))
                    continue
                }
                try PlainFile.dropCache(of: path(of: file))
                try PlainFile.read(source)
            case .cold:
                try PlainFile.dropCache(of: path(of: file))
                if let source = source(of: file) { try PlainFile.dropCache(of: source) }
            }
        }
        guard case .folder(let folder) = backing, state == .cold else { return }
        for file in try PlainTree.files(below: folder) { try PlainFile.dropCache(of: file) }
    }

    /// The file behind one that it shows.
    private func source(of file: SampleTree.File) -> FilePath? {
        switch backing {
        case .none, .folder: return nil
        case .copy(let copy): return copy.pushing(file.path)
        case .store(let root):
            let digits = file.hash.hex
            return root.appending("objects").appending(String(digits.prefix(2))).appending(digits)
        }
    }
}
