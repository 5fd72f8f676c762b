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

extension NewFile {
    /// The `BlobDescriptor` that keeps its time.
    fileprivate var descriptor: OneObject {
        let name = path.last ?? ""
        return NewAttachment(blob: blob, name: name, mimeType: MIMEType.of(fileName: name), modified: modified)
            .descriptor
    }
}

extension Author {
    /// The channel in which the roots of the owner's file system are posted (one-protocol 5.3).
    package static let filesChannelID = "mainFileSystemChannelId"
    /// `S_IFDIR` and all permissions, as ONE.CORE writes it.
    private static let directoryMode: Double = 0o040777
    /// Deepest path under `files/`.
    package static let pathDepthMax = 128

    /// Files whose own objects are stored together.
    private static let partCountMax = 8_000

    /// Stores a new root of the file system with these files in it, and descriptors that keep their times; nil if they
    /// are there as they are.
    ///
    /// What stands for each file is stored first, part by part; each folder is written once. Nothing shows before it is
    /// posted.
    func writeFiles(_ files: [NewFile], owner: IDHash) throws -> Posting? {
        let objects = try storeObjects(of: files)
        return try commit { draft in
            let before = draft
            let current = try currentDirectory(owner: owner, in: draft)
            let placed = files.indices.map { PlacedFile(files[$0], content: objects.contents[$0]) }
            let directory = try write(placed, over: current, into: &draft)
            guard directory != current || objects.heldBack != nil else {
                draft = before
                return nil
            }
            if let descriptor = objects.heldBack { draft.add(descriptor) }
            let top = Properties([("mode", .number(Self.directoryMode)), ("entry", .reference(directory))])
            let root = try draft.add(OneObject("PersistentFileSystemRoot", [("root", .object(top))]))
            var posting = try write(of: root.hash, at: time.now, into: &draft)
            posting.metadata = objects.descriptors
            return posting
        }
    }

    /// What stands for files, in their order.
    private struct FileObjects {
        var contents: [ObjectHash] = []
        var descriptors: [ObjectHash] = []
        /// A new descriptor, if there is one, that is to be stored with the posting: while it is missing, adding the
        /// same files again shows that they were never posted.
        var heldBack: EncodedObject?
    }

    private func storeObjects(of files: [NewFile]) throws -> FileObjects {
        var objects = FileObjects()
        for start in stride(from: 0, to: files.count, by: Self.partCountMax) {
            try commit { draft in
                for file in files[start...].prefix(Self.partCountMax) {
                    let content = OneObject("PersistentFileSystemFile", [("content", .reference(file.blob.hash))])
                    objects.contents.append(try draft.add(content).hash)
                    let descriptor = try EncodedObject(file.descriptor, book)
                    objects.descriptors.append(descriptor.hash)
                    if objects.heldBack == nil, try !store.contains(descriptor.hash) {
                        objects.heldBack = descriptor
                    } else if descriptor.hash != objects.heldBack?.hash {
                        draft.add(descriptor)
                    }
                }
            }
        }
        return objects
    }

    /// A file on its way into a folder.
    private struct PlacedFile {
        /// Names from the folder down to the file's own.
        var path: ArraySlice<String>
        var mode: UInt32
        /// Its `PersistentFileSystemFile`.
        var content: ObjectHash

        init(_ file: NewFile, content: ObjectHash) {
            (path, mode, self.content) = (file.path[...], file.mode, content)
        }

        /// Seen from one folder further down.
        var inner: Self {
            var inner = self
            inner.path = path.dropFirst()
            return inner
        }
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
        _ files: [PlacedFile],
        over old: ObjectHash?,
        into draft: inout Draft
    ) throws -> ObjectHash {
        var children: [[UInt8]: Properties] = [:]
        if let old, case .list(let list)? = try draft.object(old)["children"] {
            for case .object(let child) in list {
                if case .string(let path)? = child["path"] { children[Array(path.utf8.drop { $0 == 0x2F })] = child }
            }
        }
        var below: [[UInt8]: [PlacedFile]] = [:]
        for file in files {
            guard let name = file.path.first else { continue }
            if file.path.count == 1 {
                children[Array(name.utf8)] = child(name, mode: Double(file.mode), content: file.content)
            } else {
                below[Array(name.utf8), default: []].append(file.inner)
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
