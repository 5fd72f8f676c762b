import Node
import SystemPackage

/// Makes and opens an owner's first instance.
struct Founder {
    let root: FilePath
    let secret: FilePath

    func found(name: String) throws {
        let founding = Founding(
            root: root,
            secret: try Secrets.readOrMake(at: secret),
            name: name,
            role: .archive,
            deviceType: "server",
            ownerName: DemoScript.ownerName,
            ownerEmail: "mira@demo.invalid"
        )
        try founding.run(.system())
    }

    func open() throws -> Node {
        try Node(root: root, secret: Secrets.result(at: secret), surroundings: .system())
    }
}
