import Node
import SystemPackage

/// Makes and opens an owner's first instance.
struct Founder {
    let root: FilePath
    let secret: FilePath

    func found(
        name: String,
        ownerName: String = DemoScript.ownerName,
        ownerEmail: String = "mira@demo.invalid"
    ) throws {
        let founding = Founding(
            root: root,
            secret: try Secrets.readOrMake(at: secret),
            name: name,
            role: .archive,
            deviceType: "server",
            ownerName: ownerName,
            ownerEmail: ownerEmail
        )
        try founding.run(.system())
    }

    func open() throws -> Node {
        try Node(root: root, secret: Secrets.result(at: secret), surroundings: .system())
    }
}
