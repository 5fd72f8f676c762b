import Glibc
import Objects
import Storage
import SystemPackage

/// A directory of the machine for one test, removed with everything in it when the test ends.
final class Scratch {
    let path: FilePath

    init() throws {
        var template = Array("\(Self.base)/iom-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// `TMPDIR`, else a file system in memory, where a barrier does not wait for whatever else the machine writes.
    private static let base: String = {
        if let directory = getenv("TMPDIR") { return String(cString: directory) }
        return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    }()

    deinit { Self.removeTree(path) }

    private static func removeTree(_ path: FilePath) {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, let disk = try? PosixDisk(path) {
            for entry in (try? disk.list(".")) ?? [] { removeTree(path.appending(entry.text)) }
            rmdir(path.string)
        } else {
            unlink(path.string)
        }
    }

    /// Runs a program, found by PATH, and gives its exit status.
    @discardableResult
    static func run(_ arguments: String...) -> Int32 {
        var process: pid_t = 0
        var vector = arguments.map { strdup($0) } + [nil]
        defer { for argument in vector { free(argument) } }
        guard posix_spawnp(&process, arguments[0], nil, nil, &vector, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1, errno == EINTR {}
        return status
    }

    /// Every file below a directory with its size, mode, links and times, as text.
    static func listing(_ path: FilePath) -> [String] {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return ["\(path) is missing"] }
        let times = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
        let line = "\(path) \(status.st_size) \(status.st_mode) \(status.st_nlink) \(times)"
        let names = ((try? PosixDisk(path).list(".")) ?? []).map(\.text).sorted()
        return [line] + names.flatMap { listing(path.appending($0)) }
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = try FileDescriptor.open(
            path.appending(name), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    func read(_ name: String) throws -> [UInt8] {
        let disk = try PosixDisk(path)
        let file = try OpenFile(DiskPath(name), .read, on: disk)
        return try file.read(0..<file.status().byteCount)
    }
}

/// A store on a fresh root of the machine.
struct PosixFixture {
    let scratch: Scratch
    let root: Root
    let disk: PosixDisk
    let store: ObjectStore

    init(verdicts: any VerdictLog = VerdictMemory()) throws {
        scratch = try Scratch()
        root = try Root.create(at: scratch.path.appending("root"))
        disk = try root.disk()
        store = try ObjectStore(root: root, disk: disk, verdicts: verdicts, random: SystemRandom())
    }

    func place(of hash: ObjectHash) -> String { "root/objects/\(hash.hex.prefix(2))/\(hash.hex)" }

    /// Names in `incoming/`.
    func leftovers() throws -> [String] { try disk.list(Root.Place.incoming).map(\.text) }
}
