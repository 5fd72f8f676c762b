package import Objects

/// Numbers, codes and limits of CHUM (one-protocol 4.3).
package enum ChumService {
    package static let protocolVersion = 1
    package static let accessibleRoots = 2
    package static let newRootEvent = 3
    package static let objectChildren = 4
    package static let idObjectChildren = 5
    package static let object = 6
    package static let idObject = 7
    package static let blob = 8
    package static let crdtMetaObject = 9
    package static let end = 10

    /// A blob was asked for that was not listed before, or is not granted.
    package static let blobNotAccessible = "CES-GBL1"
    /// What is asked for is not for this person.
    static let refusals: Set = [blobNotAccessible, "CES-GOC1", "CES-GIDOC1", "CES-GO1", "CES-GIDO1"]

    /// The version both sides have to speak.
    package static let version = 8
    /// The word by which both sides begin.
    static let startWord = "synchronisation"

    /// Roots one answer may name.
    static let rootCountMax = 200_000
    /// Objects one root may lead to.
    static let childCountMax = 400_000
    /// Bytes of one message: the list of that many children.
    static let messageByteCountMax = 48 << 20
    /// Bytes of the microdata of one object, or of one clob.
    package static let objectByteCountMax = 8 << 20
}

extension CallFailure {
    /// What was asked for is not for whom asks.
    var isRefusal: Bool { code == ServiceCode.refused || ChumService.refusals.contains(code) }

    /// A service that is not there, in the words of the reference.
    static func noService(_ number: Int) -> Self {
        Self(
            name: "TypeError",
            message: "Not a function: Servcie ID \(number) [number]",
            code: ServiceCode.unknownService
        )
    }

    static func noHash(_ text: String) -> Self {
        Self(message: "UTC-EHASH: Value \"\(text.printable())\" is not a SHA-256 hash", code: "UTC-EHASH")
    }

    static func chum(_ code: String, _ words: String) -> Self { Self(message: "\(code): \(words)", code: code) }
}

/// The other end of CHUM, as messages and events name it.
package struct ChumPeer: Sendable, Hashable {
    package var personID: IDHash
    package var instanceID: IDHash
    /// X25519; proven by the session.
    package var instanceKey: [UInt8]
    /// By which the person is known in ONE.
    package var email: String

    package init(personID: IDHash, instanceID: IDHash, instanceKey: [UInt8], email: String) {
        (self.personID, self.instanceID) = (personID, instanceID)
        (self.instanceKey, self.email) = (instanceKey, email)
    }

    /// Among those who hold objects: no device is called that, as no name of one has a `<` in it.
    package var name: String { "contact <\(email)>" }
}
