import Objects
import Testing

@testable import Peers

/// What a side may do with calls and what is too much of it.
@Suite(.timeLimit(.minutes(1))) struct ConductTests {
    @Test func marksOutsideOfStrings() {
        let plain = #"{"responseId":1,"type":"data","data":"[{\"type\":\"blob\"},{},{},[[[,,,\\\""}"#
        #expect(JSONText.hasFewMarks(plain, countMax: 3))
        #expect(!JSONText.hasFewMarks(plain, countMax: 2))
        #expect(JSONText.hasFewMarks(#""\\""# + "[[[", countMax: 3))
        #expect(!JSONText.hasFewMarks(#""\\""# + "[[[[", countMax: 3))
        // A string that does not end hides nothing that anybody would read.
        #expect(JSONText.hasFewMarks("\"" + String(repeating: "[", count: 100), countMax: 3))
        #expect(JSONText.hasFewMarks("", countMax: 0))
    }

    @Test func whatNobodyAskedFor() throws {
        var table = CallTable()
        for _ in 0..<CallTable.ignoredCountMax { try table.ignore(byteCount: 1) }
        #expect(throws: PeerError.self) { try table.ignore(byteCount: 1) }
        // An answer to what was asked for begins the count anew.
        let id = table.open(.reply(OneShot()))
        _ = table.receive(.data(id: id, .undefined))
        try table.ignore(byteCount: CallTable.ignoredByteCountMax)
        #expect(throws: PeerError.self) { try table.ignore(byteCount: 1) }
    }

    @Test func answersToNobodyDoNotKeepWhatIsOpenAlive() {
        var table = CallTable()
        _ = table.open(.reply(OneShot()))
        table.lastAnswer = .seconds(1)
        guard case .ignored = table.receive(.data(id: 4_711, .undefined)) else { return #expect(Bool(false)) }
        #expect(table.lastAnswer == .seconds(1))
    }

    @Test func servicesThatAreNotThere() {
        var table = CallTable()
        let answers = (0...CallTable.unservedCountMax).map { _ in table.noteUnserved() }
        #expect(answers.count(where: \.self) == CallTable.unservedCountMax && answers.last == false)
    }

    /// What the other side does not take is not piled up for it.
    @Test func longMessagesAreQueuedOneAtATime() async throws {
        let outbox = Outbox()
        let long = WireMessage.binary([UInt8](repeating: 0, count: Outbox.largeByteCount + 1))
        #expect(await outbox.enqueue(long, .reader))
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { _ = await outbox.enqueue(long, .reader) }
            for _ in 0..<100 { await Task.yield() }
            #expect(await outbox.enqueue(.text("short"), .reader))
            let first = await outbox.next()
            let second = await outbox.next()
            guard case .message(.text)? = second?.item, let first else { return #expect(Bool(false)) }
            outbox.release(first)
            guard case .message(.binary)? = await outbox.next()?.item else { return #expect(Bool(false)) }
        }
    }
}
