import Catalog
import Objects
import Storage
package import SystemPackage

/// Makes the first instance of an owner: a custodian.
package struct Founding: Sendable {
    package var root: FilePath
    package var secret: String
    package var name: String
    package var role: Role
    package var deviceType: String
    package var ownerName: String
    package var ownerEmail: String

    package init(
        root: FilePath,
        secret: String,
        name: String,
        role: Role,
        deviceType: String,
        ownerName: String,
        ownerEmail: String
    ) {
        (self.root, self.secret, self.name, self.role) = (root, secret, name, role)
        (self.deviceType, self.ownerName, self.ownerEmail) = (deviceType, ownerName, ownerEmail)
    }

    /// Makes the root and everything in it; the result can be opened as a node.
    package func run(_ surroundings: Node.Surroundings) throws {
        try Self.checkNames(name, ownerEmail)
        let random = surroundings.random
        let owner = NewPerson(email: ownerEmail, name: ownerName, keys: Keyring(random: random))
        let new = NewInstance(owner: owner, name: name, keys: Keyring(random: random))
        let workshop = try Workshop(root: root, surroundings: surroundings)
        let keychain = try Keychain.create(in: workshop.root, secret: secret, random: random)
        let keys = try workshop.author.createCustodian(new)
        try keychain.add(new.owner.keys, under: keys.ownerKeys)
        try keychain.add(new.keys, under: keys.instanceKeys)
        let ownerID = try owner.id(workshop.book)
        let instance = try EncodedObject(instanceObject(name: name, owner: ownerID), workshop.book)
        guard let instanceID = instance.idHash else { throw MicrodataError.invalid("Instance has versions") }
        let registration = Registration(
            instanceID: instanceID,
            ownerID: ownerID,
            deviceType: deviceType,
            storageRole: role.rawValue,
            capabilities: Node.capabilities + [Node.custodianCapability],
            publicKey: new.keys.box.publicKey,
            publicSignKey: new.keys.sign.publicKey,
            endpoint: nil,
            validFrom: surroundings.time.now.milliseconds.rounded(.down),
            revokedAt: nil
        )
        try workshop.author.register(registration, owner: ownerID, ownerKeys: owner.keys)
        try workshop.finish(
            birth: Birth(instanceID: instanceID, instanceKeys: keys.instanceKeys, ownerKeys: keys.ownerKeys),
            configuration: Configuration.template(name: name, role: role, deviceType: deviceType)
        )
    }

    /// ONE.CORE makes directory names of these without escaping (one-format 3.1), so they cannot have any `&<>`.
    static func checkNames(_ names: String...) throws {
        for name in names where name.isEmpty || name.utf8.count > 255 || name.contains(where: { "&<>\n".contains($0) })
        {
            throw CommandError("`\(name)` cannot be used as a name: it is empty, too long, or has one of & < >")
        }
    }
}

/// A root that is being made: nobody else uses it, and it becomes an instance when its `birth` is written.
final class Workshop {
    let root: Root
    let store: ObjectStore
    let catalog: Catalog
    let author: Author
    let book = RecipeBook.standard
    let random: any RandomSource
    private let lock: RootLock

    /// Makes the directories; refuses a root that is an instance already.
    init(root path: FilePath, surroundings: Node.Surroundings) throws {
        random = surroundings.random
        root = try Root.create(at: path)
        lock = try root.lock()
        guard try Birth.read(in: root) == nil else {
            throw CommandError("there is an instance in \(path) already: choose another --root")
        }
        store = try ObjectStore(
            root: root,
            disk: root.disk(),
            verdicts: VerdictMemory(),
            random: surroundings.random
        )
        // In memory: the instance makes its own when it is opened.
        catalog = try Catalog(path: nil, objects: store, owner: nil, book: book)
        author = Author(store: store, catalog: catalog, book: book, time: surroundings.time)
    }

    /// Writes what makes the root an instance; the birth is last, so that an interrupted making can be done again.
    func finish(birth: Birth, configuration: String) throws {
        let file = SmallFile("iom.toml", on: try root.disk(), byteCountMax: Configuration.fileByteCountMax)
        try file.replace(with: configuration, permissions: 0o644)
        try birth.write(in: root)
    }
}
