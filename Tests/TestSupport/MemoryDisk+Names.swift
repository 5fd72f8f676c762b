package import Storage
package import SystemPackage

extension MemoryDisk {
    package func status(at path: DiskPath) throws(Errno) -> DiskStatus? {
        try operate { (state) throws(Errno) in
            guard let inode = try state.find(path) else { return nil }
            return try state.status(inode)
        }
    }

    package func synchronizeDirectory(_ path: DiskPath) throws(Errno) {
        let lose: (inout State) -> Void = { state in
            guard let inode = try? state.find(path) else { return }
            state.nodes[inode]?.pending = []
        }
        try operate(damage: lose) { (state) throws(Errno) in
            guard let inode = try state.find(path) else { throw .noSuchFileOrDirectory }
            guard state.nodes[inode]?.kind == .directory else { throw .notDirectory }
            state.nodes[inode]?.synchronizeNames()
        }
    }

    package func publish(_ path: DiskPath, as name: DiskPath) throws(Errno) {
        try operate { (state) throws(Errno) in
            guard try state.find(name) == nil else { throw .fileExists }
            try state.rename(path, name)
        }
    }

    package func replace(_ name: DiskPath, by path: DiskPath) throws(Errno) {
        try operate { (state) throws(Errno) in
            if let inode = try state.find(name), state.nodes[inode]?.kind == .directory { throw .isDirectory }
            try state.rename(path, name)
        }
    }

    package func link(_ source: FilePath, as name: DiskPath) throws(Errno) { throw .improperLink }

    package func remove(_ path: DiskPath) throws(Errno) {
        try operate { (state) throws(Errno) in
            guard let inode = try state.find(path) else { throw .noSuchFileOrDirectory }
            guard state.nodes[inode]?.entries.isEmpty != false else { throw .directoryNotEmpty }
            let (directory, name) = try state.split(path)
            state.nodes[directory]?.edit([.init(name: name, inode: nil)])
        }
    }

    package func makeDirectory(_ path: DiskPath, permissions: UInt32) throws(Errno) {
        try operate { (state) throws(Errno) in
            _ = try state.make(path, MemoryNode(kind: .directory, permissions: permissions))
        }
    }

    package func list(_ path: DiskPath) throws(Errno) -> [DiskEntry] {
        try operate { (state) throws(Errno) in
            guard let inode = try state.find(path) else { throw .noSuchFileOrDirectory }
            guard let node = state.nodes[inode], node.kind == .directory else { throw .notDirectory }
            return node.entries.map { name, inode in
                DiskEntry(name: name, kind: state.nodes[inode]?.kind ?? .other)
            }
        }
    }
}

extension MemoryDisk.State {
    /// Directory and last component.
    func split(_ path: DiskPath) throws(Errno) -> (directory: UInt64, name: [UInt8]) {
        var components = path.bytes.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [0x2E] }
        guard let name = components.popLast() else { throw .invalidArgument }
        var directory = Self.top
        for component in components {
            guard let next = nodes[directory]?.entries[component] else { throw .noSuchFileOrDirectory }
            guard nodes[next]?.kind == .directory else { throw .notDirectory }
            directory = next
        }
        return (directory, name)
    }

    func find(_ path: DiskPath) throws(Errno) -> UInt64? {
        if path == "." { return Self.top }
        do throws(Errno) {
            let (directory, name) = try split(path)
            return nodes[directory]?.entries[name]
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    mutating func make(_ path: DiskPath, _ node: MemoryNode) throws(Errno) -> UInt64 {
        let (directory, name) = try split(path)
        guard nodes[directory]?.entries[name] == nil else { throw .fileExists }
        let inode = nextInode
        nextInode += 1
        nodes[inode] = node
        nodes[inode]?.modified = time
        nodes[inode]?.changed = time
        nodes[directory]?.edit([.init(name: name, inode: inode)])
        return inode
    }

    mutating func rename(_ path: DiskPath, _ newPath: DiskPath) throws(Errno) {
        let (oldDirectory, oldName) = try split(path)
        let (newDirectory, newName) = try split(newPath)
        guard let inode = nodes[oldDirectory]?.entries[oldName] else { throw .noSuchFileOrDirectory }
        nodes[inode]?.changed = time
        let (removal, addition) = (MemoryNode.Edit(name: oldName), MemoryNode.Edit(name: newName, inode: inode))
        if oldDirectory == newDirectory {
            nodes[oldDirectory]?.edit([removal, addition])
        } else {
            nodes[newDirectory]?.edit([addition])
            nodes[oldDirectory]?.edit([removal])
        }
    }
}
