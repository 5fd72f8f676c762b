import Catalog
import Objects
import SystemPackage
import Testing

@testable import Node

/// Why things are here, and how far others are followed.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct CensusTests {
    @Test func `Every object that is here is counted once, by its strongest reason`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let folder = try home.folder("letters")
            for number in 0..<5 {
                let bytes = [UInt8](repeating: UInt8(number), count: 10_000)
                try home.write(bytes, to: folder.appending("\(number).txt"))
            }
            try await archive.succeed("add", folder.string, "--to", "letters")
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await eventually("it knows the files") {
                try await laptop.iom("fetch", "files/letters/letters/1.txt", "files/letters/letters/2.txt").exitCode
                    == 0
            }
            try await laptop.succeed("pin", "files/letters/letters/2.txt")
            try await laptop.stop()
            try await archive.stop()
            for instance in [archive, laptop] {
                let node = try instance.open()
                try await CensusTaker(node: node).take()
                let snapshot = try node.snapshot()
                let reasons = snapshot.storage.reasons
                let sum = reasons.named.reduce(0) { $0 + ($1.value ?? -1) }
                #expect(try sum == node.catalog.chargedByteCounts().objects)
                #expect(reasons.pinned == (instance === laptop ? 12_288 : 0))
                #expect(try #require(reasons.asOf) <= snapshot.takenAt)
                #expect(snapshot.stats.files == 5)
                #expect(snapshot.storage.kinds.named.reduce(0) { $0 + $1.value } == snapshot.storage.used)
            }
        }
    }

    @Test(arguments: ["archive", "cache", "minimal"])
    func `A device of any role knows when nothing is left to come`(role: String) async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let device = try await home.join(name: "device", role: role, to: archive)
            try await device.serve()
            try await eventually("it knows all there is", within: .seconds(30)) {
                let sync = try await device.status().allConnections.first?.sync
                return sync?.behind == 0 && sync?.lastSync != nil && sync.map { $0.changes > 0 } == true
            }
            let status = try await device.status()
            let instance = try #require(status.instances.first { !$0.isThis })
            #expect(instance.status == "online" && instance.replication.queueSize == 0)
            try await eventually("it has heard of the room there") {
                let room = try await device.status().instances.first { !$0.isThis }?.storage
                return room?.used.map { $0 > 0 } == true && room?.asOf != nil
            }
            #expect(status.instances.first?.isThis == true && status.instances.first?.name == "device")
        }
    }
}
