import CFuse
import Glibc
import Objects
import SystemPackage
import Views

/// libfuse's table of functions: each copies its arguments and calls the handler (fuse_lowlevel.h).
///
/// What is missing the kernel takes for ENOSYS and then does without.
enum FuseOperations {
    static func table() -> fuse_lowlevel_ops {
        var table = fuse_lowlevel_ops()
        addMetadata(to: &table)
        addFiles(to: &table)
        addDirectories(to: &table)
        addExtendedAttributes(to: &table)
        refuseWriting(in: &table)
        return table
    }

    private static func name(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.flatMap { String(validatingCString: $0) }
    }

    private static func addMetadata(to table: inout fuse_lowlevel_ops) {
        table.`init` = { userdata, connection in
            guard let userdata, let connection else { return }
            Unmanaged<FuseHandler>.fromOpaque(userdata).takeUnretainedValue().greet(&connection.pointee)
        }
        table.lookup = { request, parent, name in
            FuseHandler.serve(request, .lookup) { handler, _ throws(ObjectError) in
                try handler.lookup(FuseOperations.name(name), in: parent)
            }
        }
        table.forget = { request, number, count in
            FuseHandler.of(request)?.forget(number, count)
            FuseHandler.of(request)?.counters.add(.forget)
            fuse_reply_none(request)
        }
        table.forget_multi = { request, count, forgotten in
            for item in UnsafeBufferPointer(start: forgotten, count: count) {
                FuseHandler.of(request)?.forget(item.ino, item.nlookup)
            }
            FuseHandler.of(request)?.counters.add(.forget)
            fuse_reply_none(request)
        }
        table.getattr = { request, number, _ in
            FuseHandler.serve(request, .getattr) { handler, _ throws(ObjectError) in try handler.attributes(number) }
        }
        table.readlink = { request, number in
            FuseHandler.serve(request, .readlink) { handler, _ throws(ObjectError) in
                .link(try handler.view.link(number))
            }
        }
        table.access = { request, number, mask in
            FuseHandler.serve(request, .access) { handler, _ throws(ObjectError) in try handler.access(number, mask) }
        }
        table.statfs = { request, _ in
            FuseHandler.serve(request, .statfs) { handler, _ in .space(handler.view.space) }
        }
    }

    private static func addFiles(to table: inout fuse_lowlevel_ops) {
        table.open = { request, number, info in
            let flags = info?.pointee.flags ?? 0
            FuseHandler.serve(request, .open) { handler, _ throws(ObjectError) in try handler.open(number, flags: flags)
            }
        }
        table.read = { request, number, count, offset, info in
            let handle = info?.pointee.fh ?? FuseHandler.backedHandle
            FuseHandler.serve(request, .read) { handler, request throws(ObjectError) in
                try handler.read(handle, of: number, offset: offset, count: count, request)
            }
        }
        table.release = { request, number, info in
            let handle = info?.pointee.fh ?? 0
            FuseHandler.serve(request, .release) { handler, _ in handler.release(handle, of: number) }
        }
    }

    private static func addDirectories(to table: inout fuse_lowlevel_ops) {
        table.opendir = { request, number, _ in
            FuseHandler.serve(request, .opendir) { handler, _ throws(ObjectError) in try handler.openDirectory(number) }
        }
        table.readdir = { request, _, count, offset, info in
            FuseOperations.list(request, info, count, offset, withAttributes: false)
        }
        table.readdirplus = { request, _, count, offset, info in
            FuseOperations.list(request, info, count, offset, withAttributes: true)
        }
        table.releasedir = { request, _, info in
            let handle = info?.pointee.fh ?? .max
            FuseHandler.serve(request, .releasedir) { handler, _ in handler.releaseDirectory(handle) }
        }
    }

    private static func list(
        _ request: fuse_req_t?,
        _ info: UnsafeMutablePointer<fuse_file_info>?,
        _ count: Int,
        _ offset: off_t,
        withAttributes: Bool
    ) {
        let handle = info?.pointee.fh ?? .max
        FuseHandler.serve(request, withAttributes ? .readdirplus : .readdir) { handler, _ throws(ObjectError) in
            try handler.list(
                handle,
                after: UInt64(bitPattern: Int64(offset)),
                byteCount: count,
                withAttributes: withAttributes
            )
        }
    }

    private static func addExtendedAttributes(to table: inout fuse_lowlevel_ops) {
        table.getxattr = { request, number, name, count in
            FuseHandler.serve(request, .getxattr) { handler, _ throws(ObjectError) in
                try handler.value(of: FuseOperations.name(name), of: number, byteCount: count)
            }
        }
        table.listxattr = { request, number, count in
            FuseHandler.serve(request, .listxattr) { handler, _ throws(ObjectError) in
                try handler.names(of: number, byteCount: count)
            }
        }
        table.setxattr = { request, number, name, value, count, _ in
            let bytes = [UInt8](UnsafeRawBufferPointer(start: value, count: count))
            FuseHandler.serve(request, .setxattr) { handler, _ throws(ObjectError) in
                try handler.setValue(bytes, of: FuseOperations.name(name), of: number)
            }
        }
        table.removexattr = { request, number, name in
            FuseHandler.serve(request, .removexattr) { handler, _ throws(ObjectError) in
                try handler.setValue(nil, of: FuseOperations.name(name), of: number)
            }
        }
    }

    private static func refuseWriting(in table: inout fuse_lowlevel_ops) {
        table.setattr = { request, _, _, _, _ in FuseOperations.refuse(request) }
        table.mknod = { request, _, _, _, _ in FuseOperations.refuse(request) }
        table.mkdir = { request, _, _, _ in FuseOperations.refuse(request) }
        table.unlink = { request, _, _ in FuseOperations.refuse(request) }
        table.rmdir = { request, _, _ in FuseOperations.refuse(request) }
        table.symlink = { request, _, _, _ in FuseOperations.refuse(request) }
        table.rename = { request, _, _, _, _, _ in FuseOperations.refuse(request) }
        table.link = { request, _, _, _ in FuseOperations.refuse(request) }
        table.create = { request, _, _, _, _ in FuseOperations.refuse(request) }
        table.write = { request, _, _, _, _, _ in FuseOperations.refuse(request) }
        table.fallocate = { request, _, _, _, _, _ in FuseOperations.refuse(request) }
    }

    private static func refuse(_ request: fuse_req_t?) {
        FuseHandler.serve(request, .write) { _, _ in .failed(.readOnlyFileSystem) }
    }
}
