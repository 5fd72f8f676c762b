import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Node

@Suite struct SocketPathTests {
    private let folder = TemporaryDirectory()

    @Test(arguments: 95...115) func `A root may have a path of any length`(_ byteCount: Int) throws {
        let socket = "/control.sock"
        var root = folder.path
        let missing = byteCount - root.string.utf8.count - socket.utf8.count - 1
        root.append(String(repeating: "r", count: missing))
        try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: false)
        let path = root.appending("control.sock")
        #expect(path.string.utf8.count == byteCount)
        // So many SwiftNIO takes.
        #expect(try SocketPath(path).text.utf8.count <= 103)
    }
}
