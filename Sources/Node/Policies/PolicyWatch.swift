import Logging
import Objects
import ServiceLifecycle

/// Reads `iom.toml` again when a person has changed it: what is kept counts from then on.
///
/// The rest of it counts from the next start. What cannot be read changes nothing, and is told once.
struct PolicyWatch: Service {
    private static let interval = Duration.seconds(10)

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: String?
            while (try? await node.time.sleep(for: Self.interval)) != nil { look(&told) }
        }
    }

    func look(_ told: inout String?) {
        do {
            node.policies.set(try Configuration(in: node.root).policy)
            told = nil
        } catch {
            let words = CommandError(explaining: error).message
            if words != told {
                node.logger.error("what was kept before is kept still", metadata: LogReason.metadata(error))
            }
            told = words
        }
    }
}
