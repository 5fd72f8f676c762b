package import Objects
import Storage

/// A file that is to appear under `files/`; its bytes are stored already.
package struct NewFile: Sendable {
    /// Names from the top of `files/` down to the file's own.
    package var path: [String]
    package var blob: KnownObject
    /// POSIX mode, with the type bits.
    package var mode: UInt32
    package var modified: Timestamp

    package init(path: [String], blob: KnownObject, mode: UInt32, modified: Timestamp) {
        (self.path, self.blob, self.mode, self.modified) = (path, blob, mode, modified)
    }
}

extension Author {
    /// The channel in which the roots of the owner's file system are posted (one-protocol 5.3).
    package static let filesChannelID = "mainFileSystemChannelId"
    /// `S_IFDIR` and all permissions, as ONE.CORE writes it.
    private static let directoryMode: Double = 0o040777
    /// Deepest path under `files/`.
    package static let pathDepthMax = 128

    /// Adds a new root of the file system with these files in it, and descriptors that keep their times; nil, and nothing
    /// added, if they are there as they are.
    func writeFiles(
        _ files: [NewFile],
        owner: IDHash,
        into draft: inout Draft
    ) throws -> Posting? {
        let before = draft
        let current = try currentDirectory(owner: owner, in: draft)
        let directory = try write(files.map { ($0.path[...], $0) }, over: current, into: &draft)
        let root = try draft.add(
            OneObject(
                "PersistentFileSystemRoot",
                [
                    (
                        "root",
                        .object(
                            Properties([("mode", .number(Self.directoryMode)), ("entry", .reference(directory))])
                        )
                    )
                ]
            )
        )
        let descriptors = try files.map { file in
            let attachment = NewAttachment(
                blob: file.blob,
                name: file.path.last ?? "",
                mimeType: MIMEType.of(fileName: file.path.last ?? ""),
                modified: file.modified
            )
            return try draft.add(attachment.descriptor).hash
        }
        if directory == current, try descriptors.allSatisfy({ try store.contains($0) }) {
            draft = before
            return nil
        }
        var posting = try write(of: root.hash, at: time.now, into: &draft)
        posting.metadata = descriptors
        return posting
    }

    /// The top directory of the newest root; nil if nothing was ever added.
    private func currentDirectory(owner: IDHash, in draft: borrowing Draft) throws -> ObjectHash? {
        let channel = Channel(id: Self.filesChannelID, owner: owner)
        guard case .reference(let head)? = try draft.version(of: channel.idHash(book))?["head"],
            case .reference(let root)? = try draft.object(ChannelList.entry(head, in: draft).creationTime)["data"],
            case .object(let properties)? = try draft.object(root)["root"],
            case .reference(let directory)? = properties["entry"]
        else { return nil }
        return directory
    }

    /// Writes a directory that differs from `old` in these files.
    private func write(
        _ files: [(path: ArraySlice<String>, file: NewFile)],
        over old: ObjectHash?,
        into draft: inout Draft
    ) throws -> ObjectHash {
        var children: [[UInt8]: Properties] = [:]
        if let old, case .list(let list)? = try draft.object(old)["children"] {
            for case .object(let child) in list {
                if case .string(let path)? = child["path"] { children[Array(path.utf8.drop { $0 == 0x2F })] = child }
            }
        }
        var below: [[UInt8]: [(path: ArraySlice<String>, file: NewFile)]] = [:]
        for (path, file) in files {
            guard let name = path.first else { continue }
            if path.count == 1 {
                let content = try draft.add(
                    OneObject("PersistentFileSystemFile", [("content", .reference(file.blob.hash))])
                )
                children[Array(name.utf8)] = child(name, mode: Double(file.mode), content: content.hash)
            } else {
                below[Array(name.utf8), default: []].append((path.dropFirst(), file))
            }
        }
        for (key, files) in below {
            let existing = try directory(in: children[key], draft: draft)
            let directory = try write(files, over: existing, into: &draft)
            children[key] = child(String(decoding: key, as: UTF8.self), mode: Self.directoryMode, content: directory)
        }
        // In one order, so that the same files are the same directory.
        let list = children.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { Value.object($0.value) }
        return try draft.add(OneObject("PersistentFileSystemDirectory", [("children", .list(list))])).hash
    }

    private func child(_ name: String, mode: Double, content: ObjectHash) -> Properties {
        // ONE.CORE keeps a slash before each name.
        Properties([("path", .string("/" + name)), ("mode", .number(mode)), ("content", .reference(content))])
    }

    private func directory(in child: Properties?, draft: borrowing Draft) throws -> ObjectHash? {
        guard case .reference(let content)? = child?["content"],
            try draft.object(content).type == "PersistentFileSystemDirectory"
        else { return nil }
        return content
    }
}
