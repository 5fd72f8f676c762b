extension Configuration {
    /// The text of a new `iom.toml`.
    package static func template(
        name: String,
        role: Role,
        deviceType: String,
        tlsAuthorities: String? = nil,
        peers: [Peer] = []
    ) -> String {
        let trust = tlsAuthorities.map { "tls_authorities = \(quoted($0))\n" } ?? ""
        var text = """
            # What this instance is. Every key is explained in the README; a key that is wrong is refused by name.
            [instance]
            name = \(quoted(name))
            role = \(quoted(role.rawValue))                  # archive | cache | minimal
            device_type = \(quoted(deviceType))
            # listen = "0.0.0.0:8765"         # where own devices reach it; loopback if not given
            # endpoint = "ws://192.0.2.10:8765"  # the address to put into invitations, if it is another
            # relays = ["wss://relay.example.org"]  # through which it can be reached from everywhere
            \(trust)
            [mount]
            no_fetch = ["updatedb", "tracker-miner-f", "baloo_file", "tumblerd"]
            fetch_deadline = "10s"

            """
        for peer in peers { text += stanza(of: peer) }
        return text
    }

    /// The lines that make a peer known.
    package static func stanza(of peer: Peer) -> String {
        "\n[[peers]]\nname = \(quoted(peer.name))\nendpoint = \(quoted(peer.endpoint))\n"
    }

    /// A TOML basic string.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\u" + String(scalar.value + 0x10000, radix: 16).dropFirst()
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
