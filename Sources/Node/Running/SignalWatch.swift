import Foundation
import Logging
import Objects
import ServiceLifecycle
import Storage
import UnixSignals

/// SIGHUP reads the configuration again, SIGUSR1 writes down how the node is (signal(7)).
struct SignalWatch: Service {
    private static let eventCount = 100
    private static let byteCountMax = 8 << 20

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await signal in await UnixSignalsSequence(trapping: [.sighup, .sigusr1]) {
                if signal == .sighup { reload() } else { dump() }
            }
        }
    }

    private func reload() {
        do {
            let configuration = try Configuration(in: node.root)
            node.policies.set(configuration.policy)
            node.log?.set(configuration.log)
            node.logger.notice("the configuration was read again")
        } catch {
            node.logger.error("the configuration was not read again", metadata: LogReason.metadata(error))
        }
    }

    /// What counts at the moment, as one document.
    private struct Dump: Encodable {
        var snapshot: Snapshot
        var underway: [Item]
        var events: [LoggedEvent]

        struct Item: Encodable {
            var hash: ObjectHash
            var byteCount: Int?
            var localByteCount: Int
        }
    }

    private func dump() {
        do {
            let underway = node.underway(limit: 1_000)
            let dump = Dump(
                snapshot: try node.freshSnapshot(),
                underway: underway.map {
                    .init(hash: $0.hash, byteCount: $0.byteCount, localByteCount: $0.localByteCount)
                },
                events: try node.events.events(last: Self.eventCount)
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
            let file = SmallFile("state.json", on: try node.root.disk(), byteCountMax: Self.byteCountMax)
            try file.replace(with: String(decoding: try encoder.encode(dump), as: UTF8.self))
            node.logger.notice("the state was written to state.json of the root")
        } catch {
            node.logger.error("the state was not written", metadata: LogReason.metadata(error))
        }
    }
}
