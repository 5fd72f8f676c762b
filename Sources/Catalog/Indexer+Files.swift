internal import GRDB
internal import Objects

/// The owner's own files (one-protocol 5.3): the newest root is what is shown, all roots tell since when.
extension Indexer {
    /// More files and folders than this are not shown.
    static let fileCountMax = 1_000_000

    /// Whether roots posted here are the owner's.
    func isFileChannel(_ channel: Int64, _ thread: Int64) throws -> Bool {
        guard try self.thread(thread).topic == Self.fileChannel else { return false }
        let owner = try database.row("SELECT owner FROM channel WHERE id = ?", channel)?.hash(0)
        return owner == nil || catalog.owner == nil || owner == catalog.owner?.objectHash
    }

    mutating func note(root: ObjectHash, _ post: Post) throws {
        let newest = try database.row("SELECT max(time) FROM file_root")?[0] as Double?
        if let newest, newest >= post.time { mustPlaceAll = true }
        try database.run(
            "INSERT OR REPLACE INTO file_root (message, time, creation, root) VALUES (?, ?, ?, ?)",
            post.id,
            post.time,
            post.creation,
            root
        )
        dirtyRoots.insert(post.id)
    }

    /// Brings `files/` up to date with the newest root; only what differs from what is there is touched.
    mutating func placeFiles() throws {
        guard !dirtyRoots.isEmpty else { return }
        for message in dirtyRoots {
            let row = try database.row("SELECT root, time FROM file_root WHERE message = ?", message)
            guard let root = row?.hash(0), let time = row?[1] as Double? else { continue }
            try noteDescriptors(message, time: time)
            guard let directory = try directory(ofRoot: root, message) else { continue }
            _ = try appear(Self.top(directory), time, message, depth: 0)
        }
        dirtyRoots = []
        let newest = try database.row("SELECT root, message FROM file_root ORDER BY time DESC, creation DESC LIMIT 1")
        guard let root = newest?.hash(0), let message = newest?[1] as Int64?,
            let directory = try directory(ofRoot: root, message)
        else { return }
        var room = Self.fileCountMax
        try place(FixedEntry.files, directory, message, depth: 0, &room)
        mustPlaceAll = false
    }

    private func directory(ofRoot root: ObjectHash, _ message: Int64) throws -> ObjectHash? {
        guard let object = try need(root, forRoot: message), case .object(let properties) = object["root"] else {
            return nil
        }
        return properties["entry"]?.reference
    }

    /// An object of the file system; if it is not here, the root is looked at again when it comes.
    private func need(_ hash: ObjectHash, forRoot message: Int64) throws -> OneObject? {
        switch load(hash) {
        case .object(let object): return object
        case .missing: try wait(for: hash, .files, row: message)
        case .unreadable: break
        }
        return nil
    }

    /// A root may come with descriptors of what it adds: they know when a file was last modified.
    private mutating func noteDescriptors(_ message: Int64, time: Double) throws {
        for row in try database.rows("SELECT object FROM message_metadata WHERE message = ?", message) {
            guard let hash = row.hash(0), let object = try need(hash, forRoot: message),
                object.type == "BlobDescriptor", let blob = object.reference("data"), let name = object.text("name")
            else { continue }
            let modified = Self.clamped(object.number("lastModified") ?? time)
            let size = Int(exactly: object.number("size")?.rounded() ?? 0) ?? 0
            try database.run(
                """
                INSERT INTO file_descriptor (blob, name, time, modified, size) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (blob, name) DO UPDATE
                SET time = excluded.time, modified = excluded.modified, size = excluded.size
                WHERE (excluded.time, excluded.modified, excluded.size) < (time, modified, size)
                """,
                blob,
                StoredBytes(name),
                time,
                modified,
                max(0, size)
            )
        }
    }

    // MARK: Since when

    /// Notes since when a folder and all in it have been where they are.
    ///
    /// What was there before a given time is skipped whole, so that a root with one new file costs one folder on each
    /// level.
    /// - Returns: whether all of it could be read.
    private mutating func appear(_ child: Child, _ time: Double, _ message: Int64, depth: Int) throws -> Bool {
        if depth > Self.directoryDepthMax { return true }
        if let seen = try seen(child), seen <= time { return true }
        // It was told of, with its times.
        if catalog.isSparse, try StoredEntry.find(child.number, database)?.hash == child.content { return true }
        var isComplete = true
        if try type(of: child.content) != "PersistentFileSystemFile" {
            switch load(child.content) {
            case .missing:
                try wait(for: child.content, .files, row: message)
                return false
            case .unreadable: break
            case .object(let object) where object.type == "PersistentFileSystemDirectory":
                for inner in Self.children(of: object, child.folder) {
                    let all = try appear(inner, time, message, depth: depth + 1)
                    isComplete = isComplete && all
                }
            case .object: break
            }
        }
        if isComplete {
            try database.run(
                "INSERT OR REPLACE INTO file_seen (number, object, time) VALUES (?, ?, ?)",
                child.number.stored,
                child.content,
                time
            )
        }
        return isComplete
    }

    private func seen(_ child: Child) throws -> Double? {
        let sql = "SELECT time FROM file_seen WHERE number = ? AND object = ?"
        return try database.row(sql, child.number.stored, child.content)?[0]
    }

    // MARK: The folders

    private struct Child {
        /// Its number if it is a file.
        var number: EntryNumber
        /// Its number if it is a folder: a kernel takes one number for one kind of thing.
        var folder: EntryNumber
        var name: String
        var content: ObjectHash
    }

    private static func top(_ directory: ObjectHash) -> Child {
        Child(number: FixedEntry.files, folder: FixedEntry.files, name: "", content: directory)
    }

    /// What a folder has, each with its number, which is made of the path; of several with the same name each has its own.
    private static func children(of directory: OneObject, _ parent: EntryNumber) -> [Child] {
        var children: [(name: [UInt8], content: ObjectHash)] = []
        for item in directory.list("children") {
            guard case .object(let properties) = item, case .string(let path) = properties["path"],
                let content = properties["content"]?.reference
            else { continue }
            children.append((Array(path.utf8.drop { $0 == UInt8(ascii: "/") }), content))
        }
        children.sort { left, right in
            if left.name != right.name { return left.name.lexicographicallyPrecedes(right.name) }
            return left.content < right.content
        }
        var twins = 0
        return children.indices.map { index in
            let child = children[index]
            twins = index > 0 && children[index - 1].name == child.name ? twins + 1 : 0
            let path = child.name + (twins == 0 ? [] : Array("//\(twins)".utf8))
            return Child(
                number: EntryNumber(identity: Array("file/\(parent)/".utf8) + path),
                folder: EntryNumber(identity: Array("folder/\(parent)/".utf8) + path),
                name: String(decoding: child.name, as: UTF8.self),
                content: child.content
            )
        }
    }

    private mutating func place(
        _ number: EntryNumber,
        _ hash: ObjectHash,
        _ message: Int64,
        depth: Int,
        _ room: inout Int
    ) throws {
        guard depth <= Self.directoryDepthMax, let object = try need(hash, forRoot: message) else { return }
        var gone: [EntryNumber: ObjectHash?] = [:]
        for row in try database.rows("SELECT number, hash FROM entry WHERE parent = ?", number.stored) {
            gone[row.number(0)] = row.hash(1)
        }
        let children = object.type == "PersistentFileSystemDirectory" ? Self.children(of: object, number) : []
        for child in children where room > 0 {
            room -= 1
            let asFile = gone.removeValue(forKey: child.number) ?? nil
            let asFolder = gone.removeValue(forKey: child.folder) ?? nil
            if asFile ?? asFolder == child.content, !mustPlaceAll { continue }
            try place(child, in: number, message, depth: depth, &room)
        }
        // Where no details are kept it is told of whatever goes.
        if !catalog.isSparse { for number in gone.keys { try remove(number) } }
    }

    private mutating func place(
        _ child: Child,
        in parent: EntryNumber,
        _ message: Int64,
        depth: Int,
        _ room: inout Int
    ) throws {
        guard let object = try need(child.content, forRoot: message) else { return }
        let isFile = object.type == "PersistentFileSystemFile"
        let isFolder = object.type == "PersistentFileSystemDirectory"
        if !isFile { try remove(child.number) }
        if !isFolder { try remove(child.folder) }
        guard isFile || isFolder else { return }
        var entry = StoredEntry(isFile ? child.number : child.folder, in: parent, isFile ? .object : .directory)
        entry.base = EntryName.file(child.name)
        entry.original = entry.base.utf8.elementsEqual(child.name.utf8) ? nil : child.name
        entry.hash = child.content
        if isFile, let blob = object.reference("content") {
            try describe(&entry, blob, child, message)
            return try put(entry)
        }
        entry.modified = try StoredEntry.find(child.folder, database)?.modified ?? entry.modified
        try put(entry)
        try place(child.folder, child.content, message, depth: depth + 1, &room)
    }

    private func describe(_ entry: inout StoredEntry, _ blob: ObjectHash, _ child: Child, _ message: Int64) throws {
        let sql = "SELECT modified, size FROM file_descriptor WHERE blob = ? AND name = ?"
        let descriptor = try database.row(sql, blob, StoredBytes(child.name))
        var size = try byteCount(of: blob)
        if size == nil {
            try wait(for: blob, .files, row: message)
            size = descriptor?[1]
        }
        let first = try seen(child)
        entry.object = blob
        entry.byteCount = size ?? 0
        entry.modified = Timestamp(milliseconds: descriptor?[0] ?? first ?? 0)
    }
}
