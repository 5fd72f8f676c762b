import Catalog
import Objects
import Peers

@testable import Node

/// One device of the simulation.
struct SimulatedDevice {
    /// Bytes of a device that does not keep everything: three blocks, and what is left to what is noted of the others.
    static let quota = 3 * Allocation.blockByteCount * 50 / 49 + 1

    let name: String
    let shelf: any Shelf
    var keepsEverything: Bool
    /// In truth, whoever knows it.
    var isRevoked = false
    /// Whom it has heard to be revoked.
    var revoked: Set<String> = []
    /// How far its clock is off.
    var clockOffset = Duration.zero
    var pins: Set<Thing> = []
    /// Pinned things that were here at some time since they were pinned.
    var guarded: Set<Thing> = []
    /// Whether it proves what it does not have.
    var lies = false
    /// What its owner wrote here, or what was here before there was a quota: it may be more than that.
    var written: Set<Thing> = []
    /// What was fetched and is about to be stored.
    var arrivals: [Thing] = []
    var room = RoomPromises()
    var errand: Errand?

    /// An eviction that is under way, or a question without one.
    struct Errand {
        enum Phase {
            case toAsk
            case asked(Eviction.Question, Nonce, HolderConfirmation)
            /// nil: no answer.
            case answered(Eviction.Question, Nonce, HolderConfirmation, Possessions?)
        }

        var eviction: Eviction
        let hashes: [ObjectHash]
        let isRehearsal: Bool
        var questions: [Eviction.Question] = []
        var phase = Phase.toAsk
    }

    func things() throws -> [Thing] { try Thing.all.filter(shelf.holds) }

    /// Bytes that are here.
    func used() throws -> Int { try things().reduce(0) { $0 + $1.chargedByteCount } }

    /// What it was at is forgotten; what it has is not.
    mutating func begin() {
        (errand, arrivals, room) = (nil, [], RoomPromises())
    }
}

/// Which rule is broken, to see that the simulation finds it.
enum BrokenRule: CaseIterable {
    /// Nothing at all: promises are forgotten, and what was asked before this device vouched still counts.
    case promises
    /// What it has promised is forgotten, so that what it confirmed is not true for as long as it counts.
    case lease
    /// Whoever has an object is believed, whether it keeps everything or not.
    case keepers
    /// Pins are not looked at when the bytes go.
    case pins
    /// A proof is not compared with the bytes here.
    case proofs
    /// What is about to be stored is not counted.
    case room
}
