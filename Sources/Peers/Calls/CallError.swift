package import Objects

/// Why a call gave no answer; each case tells what the caller can do.
package enum CallError: Error, Hashable, Sendable {
    /// The connection is over: ask another peer, or again when there is a new one.
    case ended(PeerError)
    /// The other side answered with an error.
    case failed(CallFailure)
    /// The other side's answer is not what the protocol says.
    case violated(String)
    /// The other side does not have this object.
    case missing(ObjectHash)
    /// The other side sent bytes that are not this object.
    case wrongBytes(of: ObjectHash, from: String)
    /// The caller no longer wants it.
    case cancelled
}

extension ObjectError {
    /// What a failed call for an object means to its reader; `peer` is the name of the other side.
    package init(_ error: CallError, peer: String) {
        self =
            switch error {
            case .ended(.cancelled), .cancelled: .cancelled
            case .ended(.timedOut): .timedOut
            case .ended(.refused): .refused(by: peer)
            case .missing: .unknown
            case .ended: .unreachable
            case .failed(let failure): failure.isRefusal ? .refused(by: peer) : .unreachable
            case .violated, .wrongBytes: .damaged(by: peer)
            }
    }
}
