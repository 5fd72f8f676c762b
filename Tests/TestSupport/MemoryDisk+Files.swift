import Objects
package import Storage
import Synchronization
package import SystemPackage

extension MemoryDisk {
    package func open(_ path: DiskPath, _ access: DiskAccess) throws(Errno) -> DiskHandle {
        try operate { (state) throws(Errno) in
            let inode: UInt64
            switch access {
            case .read, .update:
                guard let found = try state.find(path) else { throw .noSuchFileOrDirectory }
                guard state.nodes[found]?.kind != .link else { throw .tooManySymbolicLinkLevels }
                inode = found
            case .create(let permissions):
                inode = try state.make(path, MemoryNode(kind: .file, permissions: permissions))
            }
            defer { state.nextHandle += 1 }
            state.handles[state.nextHandle] = inode
            return DiskHandle(state.nextHandle)
        }
    }

    package func close(_ handle: DiskHandle) throws(Errno) {
        // The descriptor is gone whatever close(2) says.
        defer { state.withLock { _ = $0.handles.removeValue(forKey: handle.number) } }
        try operate { (state) throws(Errno) in
            guard state.handles[handle.number] != nil else { throw .badFileDescriptor }
        }
    }

    package func read(
        _ handle: DiskHandle,
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) throws(Errno) -> Int {
        let bytes = try operate { (state) throws(Errno) in
            let node = try state.node(of: handle)
            guard node.kind == .file else { throw .isDirectory }
            return Array(node.bytes.dropFirst(offset).prefix(buffer.count))
        }
        buffer.copyBytes(from: bytes)
        return bytes.count
    }

    package func append(_ bytes: UnsafeRawBufferPointer, to handle: DiskHandle) throws(Errno) {
        let bytes = Array(bytes)
        try operate(damage: { $0.append(bytes.prefix(bytes.count / 2), to: handle) }) { (state) throws(Errno) in
            let used = state.nodes.values.reduce(0) { $0 + $1.bytes.count }
            guard used + bytes.count <= state.capacity else { throw .noSpace }
            state.append(bytes[...], to: handle)
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to handle: DiskHandle, at offset: Int) throws(Errno) {
        let bytes = Array(bytes)
        let halve: (inout State) -> Void = { $0.write(bytes.prefix(bytes.count / 2), to: handle, at: offset) }
        try operate(damage: halve) { (state) throws(Errno) in
            // A hole takes room here, which it does not on a disk.
            let used = state.nodes.values.reduce(0) { $0 + $1.bytes.count }
            let grown = max(0, offset + bytes.count - (try state.node(of: handle).bytes.count))
            guard used + grown <= state.capacity else { throw .noSpace }
            state.write(bytes[...], to: handle, at: offset)
        }
    }

    package func resize(_ handle: DiskHandle, to byteCount: Int) throws(Errno) {
        try operate { (state) throws(Errno) in
            guard let inode = state.handles[handle.number], let count = state.nodes[inode]?.bytes.count else {
                throw .badFileDescriptor
            }
            if byteCount < count {
                state.nodes[inode]?.bytes.removeLast(count - byteCount)
            } else {
                state.nodes[inode]?.bytes += [UInt8](repeating: 0, count: byteCount - count)
            }
        }
    }

    package func setPermissions(_ permissions: UInt32, of handle: DiskHandle) throws(Errno) {
        try operate { (state) throws(Errno) in
            guard let inode = state.handles[handle.number] else { throw .badFileDescriptor }
            state.nodes[inode]?.permissions = permissions
        }
    }

    package func beginWriting(_ handle: DiskHandle, _ range: Range<Int>) {}

    package func clone(_ source: FileDescriptor, into handle: DiskHandle) -> Bool { false }

    package func descriptor(of handle: DiskHandle) -> FileDescriptor? { nil }

    package func status(of handle: DiskHandle) throws(Errno) -> DiskStatus {
        try operate { (state) throws(Errno) in
            guard let inode = state.handles[handle.number] else { throw .badFileDescriptor }
            return try state.status(inode)
        }
    }

    package func synchronize(_ handle: DiskHandle) throws(Errno) {
        let lose: (inout State) -> Void = { state in
            guard let inode = state.handles[handle.number] else { return }
            state.nodes[inode]?.isLost = true
        }
        try operate(damage: lose) { (state) throws(Errno) in
            guard let inode = state.handles[handle.number] else { throw .badFileDescriptor }
            state.nodes[inode]?.synchronize()
        }
    }

    package func synchronizeAll() throws(Errno) {
        let lose: (inout State) -> Void = { state in
            for (inode, node) in state.nodes where node.bytes != node.durableBytes { state.nodes[inode]?.isLost = true }
        }
        try operate(damage: lose) { (state) throws(Errno) in
            for inode in state.nodes.keys { state.nodes[inode]?.synchronize() }
        }
    }

    package func space() throws(Errno) -> DiskSpace {
        try operate { (state) throws(Errno) in
            let used = state.nodes.values.reduce(0) { $0 + $1.bytes.count }
            return DiskSpace(freeByteCount: state.capacity - used, totalByteCount: state.capacity)
        }
    }
}

extension MemoryDisk.State {
    func node(of handle: DiskHandle) throws(Errno) -> MemoryNode {
        guard let inode = handles[handle.number], let node = nodes[inode] else { throw .badFileDescriptor }
        return node
    }

    mutating func append(_ bytes: ArraySlice<UInt8>, to handle: DiskHandle) {
        guard let inode = handles[handle.number] else { return }
        nodes[inode]?.bytes += bytes
        nodes[inode]?.modified = time
        nodes[inode]?.changed = time
    }

    mutating func write(_ bytes: ArraySlice<UInt8>, to handle: DiskHandle, at offset: Int) {
        guard let inode = handles[handle.number], let count = nodes[inode]?.bytes.count else { return }
        if count < offset { nodes[inode]?.bytes += [UInt8](repeating: 0, count: offset - count) }
        let end = min(offset + bytes.count, nodes[inode]?.bytes.count ?? 0)
        nodes[inode]?.bytes.replaceSubrange(offset..<end, with: bytes)
        nodes[inode]?.modified = time
        nodes[inode]?.changed = time
    }

    func status(_ inode: UInt64) throws(Errno) -> DiskStatus {
        guard let node = nodes[inode] else { throw .noSuchFileOrDirectory }
        let stamp = FileStamp(
            inode: inode,
            byteCount: node.bytes.count,
            modified: Timestamp(nanoseconds: node.modified),
            changed: Timestamp(nanoseconds: node.changed)
        )
        return DiskStatus(
            kind: node.kind,
            stamp: stamp,
            permissions: node.permissions,
            ownerID: 0,
            allocatedByteCount: Allocation.byteCount(of: node.bytes.count),
            accessed: stamp.modified
        )
    }
}
