import Objects
import Testing

@testable import Node

/// What a quota leaves room for.
@Suite struct RoomPromisesTests {
    private static let quota = 100 * Allocation.blockByteCount

    /// Whether there is room for so many blocks, which is promised.
    private static func promises(_ room: inout RoomPromises, _ count: Int, used: Int = 0, growth: Int = 0) -> Bool {
        room.promise(blocks(count), used: blocks(used), quota: quota, growth: growth)
    }

    private static func blocks(_ count: Int) -> Int { count * Allocation.blockByteCount }

    @Test func `What is promised is not promised again, until it is settled`() {
        var room = RoomPromises()
        let (first, second) = (Self.promises(&room, 60, used: 20), Self.promises(&room, 20, used: 20))
        #expect(first && !second)
        room.settle(Self.blocks(60))
        #expect(room.promised == 0)
        let third = Self.promises(&room, 20, used: 20)
        #expect(third)
    }

    @Test func `A part is left to what is noted of what is not kept, and to the catalog`() {
        var room = RoomPromises()
        let most = Self.promises(&room, 98)
        room.settle(Self.blocks(98))
        let (more, withGrowth) = (Self.promises(&room, 99), Self.promises(&room, 98, growth: 1))
        #expect(most && !more && !withGrowth)
    }

    @Test func `Room is made for what is wanted however large it is, for what is only read if it is small`() {
        var room = RoomPromises()
        for (needed, isWanted, refused) in [(50, false, 0), (12, false, 12), (5, false, 12), (50, true, 50)] {
            let isPromised = room.promise(Self.blocks(needed), used: Self.quota, quota: Self.quota, isWanted: isWanted)
            #expect(!isPromised && room.refused == Self.blocks(refused))
        }
        // There will never be room for it.
        let isPromised = room.promise(.max, used: 0, quota: Self.quota, isWanted: true)
        #expect(!isPromised && room.refused == Self.blocks(50))
        room.forgetRefused()
        #expect(room.refused == 0)
    }

    @Test func `Nothing takes no room, and without a quota there is always some`() {
        var room = RoomPromises()
        let nothing = Self.promises(&room, 0, used: 200)
        let unlimited = room.promise(Self.quota, used: Self.quota, quota: nil)
        #expect(nothing && unlimited)
        #expect(room.promised == Self.quota)
        #expect(RoomPromises.needed([1, 4096, 4097]) == Self.blocks(4))
        #expect(RoomPromises.needed([.max, .max]) == .max)
    }
}
