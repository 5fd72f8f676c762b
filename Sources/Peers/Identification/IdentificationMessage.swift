import Objects

/// The JSON texts of identification (one-protocol 2.4, 2.5).
enum IdentificationMessage {
    struct Keys: Codable, Hashable {
        var owner: String
        var publicKey: String
        var publicSignKey: String
    }

    struct Instance: Codable, Hashable {
        var name: String
        var owner: String
    }

    private static let personCommand = "person_id_object"
    private static let keysCommand = "keys_object"
    private static let instanceCommand = "instance_id_object"

    static func person(_ own: OwnPerson) -> WireMessage {
        message(personCommand, "Person", .object(["email": .string(own.email)]))
    }

    static func keys(_ own: OwnPerson) -> WireMessage {
        message(
            keysCommand,
            "Keys",
            .object([
                "owner": .string(own.personID.hex), "publicKey": .string(Hex.text(own.box.publicKey)),
                "publicSignKey": .string(Hex.text(own.signKey)),
            ])
        )
    }

    static func instance(_ own: OwnPerson) -> WireMessage {
        message(
            instanceCommand,
            "Instance",
            .object(["name": .string(own.instanceName), "owner": .string(own.personID.hex)])
        )
    }

    static func email(_ message: WireMessage) throws(PeerError) -> String {
        guard let email = try object(message, personCommand, "Person")["email"]?.string else {
            throw .violated("a person without an email")
        }
        return email
    }

    static func keys(_ message: WireMessage) throws(PeerError) -> Keys {
        let object = try object(message, keysCommand, "Keys")
        guard let owner = object["owner"]?.string, let publicKey = object["publicKey"]?.string,
            let publicSignKey = object["publicSignKey"]?.string
        else { throw .violated("keys without an owner or a key") }
        return Keys(owner: owner, publicKey: publicKey, publicSignKey: publicSignKey)
    }

    static func instance(_ message: WireMessage) throws(PeerError) -> Instance {
        let object = try object(message, instanceCommand, "Instance")
        guard let name = object["name"]?.string, let owner = object["owner"]?.string else {
            throw .violated("an instance without a name or an owner")
        }
        return Instance(name: name, owner: owner)
    }

    private static func message(_ command: String, _ type: String, _ members: JSONValue) -> WireMessage {
        var object = ["$type$": JSONValue.string(type)]
        if case .object(let members) = members { object.merge(members) { _, new in new } }
        return .text(JSONText.encode(JSONValue.object(["command": .string(command), "obj": .object(object)])))
    }

    private static func object(
        _ message: WireMessage,
        _ command: String,
        _ type: String
    ) throws(PeerError) -> JSONValue {
        guard case .text(let text) = message, text.utf8.count <= HandshakeCommand.byteCountMax,
            let value = JSONText.decode(JSONValue.self, from: text), value["command"]?.string == command,
            let object = value["obj"], object["$type$"]?.string == type
        else { throw .violated("expected \(command)") }
        return object
    }
}
