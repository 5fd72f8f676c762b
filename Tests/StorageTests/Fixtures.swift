import Foundation
import Objects
import Storage
import SystemPackage

/// The fixtures that were made by running ONE.CORE.
enum Fixtures {
    static let path: FilePath = {
        if let path = ProcessInfo.processInfo.environment["IOM_FIXTURES"] { return FilePath(path) }
        var path = FilePath(#filePath)
        for _ in 0..<4 { path.removeLastComponent() }
        return path.appending("shared/fixtures")
    }()

    static let aliceSecret = "alice-secret"
    static let aliceID = "9ae4744b15ba9d3b98a066de17f00e1a25cf07013cce394db5407d6e01f1f606"
    static let aliceOwner = "7e2b18e60f6449a88220820258270a1a75c3d65e9350c369eba89a2fb1f373b1"
    static let aliceInstanceKeys = "baff0a2cc894ae5722ac00694d82cd1aee14651ce9da72d8f42d6b87a961bbf2"
    static let aliceOwnerKeys = "79d68b877ed5b5e3a09e5fd77240f2a8a2176a284dfd9c06ed47bfd9bce8eed7"

    /// A base directory of ONE.CORE.
    static let alice = path.appending("one-store/alice")

    /// The files of its one instance.
    static func aliceFiles(_ folder: String) throws -> [String: [UInt8]] {
        let disk = try PosixDisk(alice.appending(aliceID).appending(folder))
        var files: [String: [UInt8]] = [:]
        for entry in try disk.list(".") {
            let file = try OpenFile(DiskPath(bytes: entry.name), .read, on: disk)
            files[entry.text] = try file.read(0..<file.status().byteCount)
        }
        return files
    }
}
