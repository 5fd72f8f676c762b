package import Objects
import Peers
import Storage

extension CommandError {
    /// The one place that words errors for people: what happened, to what, and the way out.
    package init(explaining error: any Error) {
        self =
            switch error {
            case let error as CommandError: error
            case let error as ObjectError: Self(Self.words(for: error))
            case let error as AffirmationError: Self(Self.words(for: error))
            case RootError.missing(let path):
                Self("there is no instance in \(path): `iom init`, `iom join` or `iom adopt` makes one")
            case let error as MicrodataError: Self("an object is not as it should be: \(error); `iom fsck` tells which")
            case let error as CallError: Self(Self.words(for: error))
            case let error as PeerError: Self(error.reason)
            case is CancellationError: Self("stopped")
            default: Self("\(error)")
            }
    }

    package static func words(for error: ObjectError) -> String {
        switch error {
        case .unknown: "no instance has ever heard of it: check the name"
        case .unreachable:
            "it is not on this device and no instance that holds it can be reached: try again when one is back"
        case .timedOut: "the instance that holds it made no progress before the deadline: try again"
        case .refused(let name):
            "\(name) refused: `iom peers` tells whether this device was revoked; a contact may have taken back what it shared"
        case .damaged(let name):
            "the bytes from \(name) are not what their name says: nothing was stored; run `iom fsck` there"
        case .noSpace: "the disk is full: nothing was changed; make room and try again"
        case .fetchNotAllowed:
            "it is not on this device, and this program must not cause a fetch: use `iom fetch` first"
        case .cancelled: "stopped"
        case .system(let errno, let doing): "\(doing): \(errno)"
        }
    }

    private static func words(for error: CallError) -> String {
        switch error {
        case .ended(let reason): "the connection ended: \(reason.reason)"
        case .failed(let failure): "the other side answered: \(failure.message)"
        case .violated(let what): "the other side sent \(what)"
        case .missing(let hash): "the other side does not have \(hash)"
        case .wrongBytes(let hash, let peer): "the bytes from \(peer) are not \(hash)"
        case .cancelled: "stopped"
        }
    }

    private static func words(for error: AffirmationError) -> String {
        switch error {
        case .noCustodian: "no instance with the owner's key can be reached: it is done when one is"
        case .refused(let reason): "a custodian refused to sign: \(reason)"
        }
    }
}
