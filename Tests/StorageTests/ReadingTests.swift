import Objects
import Storage
import TestSupport
import Testing

@Suite("Reading")
struct ReadingTests {
    @Test func storeIsAnObjectReader() async throws {
        let fixture = try PosixFixture()
        _ = try fixture.store.put(ObjectReaderSuite.samples)
        try await ObjectReaderSuite.check(fixture.store)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func memoryIsAnObjectReader() async throws {
        try await ObjectReaderSuite.check(MemoryObjectReader(ObjectReaderSuite.samples))
    }

    @Test func storeOnMemoryDiskIsAnObjectReader() async throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        for bytes in ObjectReaderSuite.samples { _ = try store.put(bytes) }
        try await ObjectReaderSuite.check(store)
        #expect(disk.openCount == 0)
    }
}
