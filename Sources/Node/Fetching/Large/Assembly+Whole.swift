import Objects
import Peers
import Storage
import Synchronization

/// Holders that give an object as a whole only: contacts, whose protocol knows no ranges (one-protocol 4.7).
extension Assembly {
    /// Brings all of it in one stream; whoever reads waits until its hash is found right.
    func askForWhole(_ holder: Holder) async {
        guard state.withLock({ $0.run?.wholes.insert(holder.name).inserted == true }) else { return }
        let result = await withDeadline { progress throws(ObjectError) in
            guard self.charge?.promise(all: [self.known.byteCount], isWanted: true) != false else { throw .noSpace }
            defer { self.charge?.settle([self.known.byteCount]) }
            return try await self.stageWhole(from: holder, progress)
        }
        switch result {
        case .success(let object):
            conclude(object, from: holder.name)
            store.partials.remove(hash)
        case .failure(let error):
            state.withLock { $0.run?.drop(holder.name, error) }
            if error != .cancelled { directory.failed(hash, error, at: holder.name) }
        }
        ring()
    }
}
