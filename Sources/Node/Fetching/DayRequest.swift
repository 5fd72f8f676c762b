import Catalog
import Objects
import Peers
import Storage

/// One instance asked for the messages of one day: their hashes first, then what is not here.
struct DayRequest: Sendable {
    let day: ConversationDay
    let session: IoMSession
    let store: ObjectStore
    let requester: String
    let priority: CallPriority
    let progress: ProgressWatch

    struct Answer: Sendable {
        var messages: [PostedMessage]
        /// Verified bytes of what they are made of.
        var contents: [ObjectHash: [UInt8]]

        /// Whether nothing is missing.
        var isWhole: Bool { messages.allSatisfy { $0.objects.allSatisfy { contents[$0] != nil } } }
    }

    /// Without progress for this long it has failed.
    func answer(within deadline: Duration) async throws(ObjectError) -> Answer {
        let outcome = await withTaskGroup(of: Result<Answer, ObjectError>.self) { group in
            group.addTask {
                do throws(ObjectError) { return .success(try await answer()) } catch { return .failure(error) }
            }
            group.addTask { .failure(await progress.stalls(for: deadline) ? .timedOut : .cancelled) }
            let first = await group.next() ?? .failure(.cancelled)
            group.cancelAll()
            return first
        }
        return try outcome.get()
    }

    private func answer() async throws(ObjectError) -> Answer {
        do throws(CallError) {
            let (day, topic) = (day.day, day.topic)
            let (messages, _) = try await session.client.posted(on: day, in: topic, after: 0, priority: priority)
            guard !messages.isEmpty else { throw .violated("a day without messages") }
            progress.advance()
            var contents: [ObjectHash: [UInt8]] = [:]
            let wanted = Set(messages.flatMap { $0.objects + $0.metadata + [$0.creation] })
            for hash in wanted { contents[hash] = (try? store.localBytes(of: hash)) ?? nil }
            try await ask(for: wanted.filter { contents[$0] == nil }, &contents)
            // Who keeps no bytes of it cannot tell what a signature refers to.
            for type in ["Signature": "data", "AffirmationCertificate": "license"].sorted(by: { $0.key > $1.key }) {
                let referenced = contents.values.compactMap { Self.reference(type.value, ofType: type.key, $0) }
                try await ask(for: Set(referenced).filter { contents[$0] == nil }, &contents)
            }
            return Answer(messages: messages, contents: contents)
        } catch {
            throw ObjectError(error, peer: session.member.name)
        }
    }

    private static func reference(_ name: String, ofType type: String, _ bytes: [UInt8]) -> ObjectHash? {
        guard KnownObject(hash: ObjectHash(of: []), bytes: bytes).type == type,
            case .reference(let hash)? = (try? Microdata.object(from: bytes, .standard))?[name]
        else { return nil }
        return hash
    }

    /// Brings objects, those of them that are there.
    private func ask(
        for hashes: some Collection<ObjectHash>,
        _ contents: inout [ObjectHash: [UInt8]]
    ) async throws(CallError) {
        let absent = hashes.sorted()
        for start in stride(from: 0, to: absent.count, by: IoMClient.hashCountMax) {
            let part = Array(absent[start..<min(start + IoMClient.hashCountMax, absent.count)])
            var objects = try await session.client.objects(part, requester: requester, priority: priority)
                .makeAsyncIterator()
            while let object = try await objects.next() {
                progress.advance()
                if case .object(let hash, _, let bytes) = object { contents[hash] = bytes }
            }
        }
    }
}
