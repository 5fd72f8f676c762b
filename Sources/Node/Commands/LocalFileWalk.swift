import Glibc
import Storage
import SystemPackage

/// Every regular file at or below paths, folder by folder in order of names, found as they are asked for.
///
/// Links and devices are passed over. Holds the names that are left of one folder at each depth.
struct LocalFileWalk: AsyncSequence, AsyncIteratorProtocol, Sendable {
    /// A folder, with what is left to look at in it, the next last.
    private struct Folder {
        var path: FilePath
        var names: [String]
        var rest: [(name: FilePath.Component, text: String)]
    }

    private let depthMax: Int
    /// What was named and is left, the next last.
    private var roots: [FilePath]
    private var folders: [Folder] = []

    /// A path that is not there is told at once.
    init(_ paths: [[UInt8]], depthMax: Int) throws {
        (self.depthMax, roots) = (depthMax, paths.map { FilePath(bytes: $0) }.reversed())
        for path in roots {
            guard path.lastComponent != nil else { throw CommandError("\(path) has no name to be added under") }
            _ = try LocalFile.status(of: path)
        }
    }

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> NewObject<LocalFile>? {
        while true {
            if let last = folders.indices.last {
                // Where it is: a copy of what is left, for each file, would take minutes in a large folder.
                guard let child = folders[last].rest.popLast() else {
                    folders.removeLast()
                    continue
                }
                let path = folders[last].path.appending(child.name)
                if let file = try look(at: path, folders[last].names + [child.text]) { return file }
            } else if let root = roots.popLast() {
                let name = root.lastComponent.map { LocalFile.text(of: $0) } ?? ""
                if let file = try look(at: root, [name]) { return file }
            } else {
                return nil
            }
        }
    }

    /// A file, or nil; what is in a folder comes next.
    private mutating func look(at path: FilePath, _ names: [String]) throws -> NewObject<LocalFile>? {
        let status = try LocalFile.status(of: path)
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let file = LocalFile(path: path, names: names, status: status)
            return NewObject(.file(path), tag: file, likelyByteCount: file.byteCount)
        case S_IFDIR:
            let children = try LocalFile.children(of: path)
            guard children.isEmpty || names.count < depthMax else {
                throw CommandError("\(path) is too deep: at most \(depthMax) folders")
            }
            folders.append(Folder(path: path, names: names, rest: LocalFile.apart(children).reversed()))
        default: break
        }
        return nil
    }
}
