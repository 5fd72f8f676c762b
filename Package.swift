// swift-tools-version: 6.2
import PackageDescription

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "iom",
    products: [
        .executable(name: "iom", targets: ["iom"]),
        .executable(name: "Bench", targets: ["Bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CFuse", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "Objects", dependencies: ["CCrypto", "CSodium", system]),
        .target(name: "Storage", dependencies: ["CLinux", "Objects", system]),
        .target(
            name: "Catalog",
            dependencies: [
                "Objects", system,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "Peers",
            dependencies: [
                "CZlib", "Objects", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]
        ),
        .target(name: "Views", dependencies: ["Objects", system]),
        .target(name: "Fuse", dependencies: ["CFuse", "CLinux", "Objects", "Views", logging, system]),
        .target(
            name: "Node",
            dependencies: [
                "CLinux", "CZlib", "Catalog", "Fuse", "Objects", "Peers", "Storage", "Views", lifecycle, logging,
                system,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),
        .target(
            name: "Dashboard",
            dependencies: [
                "Catalog", "Node", "Objects", lifecycle, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("Assets")]
        ),
        .executableTarget(
            name: "iom",
            dependencies: [
                "Dashboard", "Node", "Objects", "Storage", lifecycle, logging, system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "CLinux", "Catalog", "Node", "Objects", "Peers", "Storage", system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            exclude: ["POLICIES.md", "RESULTS.md"]
        ),

        .target(name: "TestSupport", dependencies: ["Objects", "Storage", "Views", system], path: "Tests/TestSupport"),
        .testTarget(name: "BenchTests", dependencies: ["Bench"]),
        .testTarget(name: "ObjectsTests", dependencies: ["Objects", "TestSupport"]),
        .testTarget(name: "StorageTests", dependencies: ["Objects", "Storage", "TestSupport", system]),
        .testTarget(
            name: "CatalogTests",
            dependencies: [
                "Catalog", "Objects", "Storage", "TestSupport", system,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "PeersTests",
            dependencies: ["Objects", "Peers", "TestSupport", logging],
            exclude: ["Support/relayed_peer.py"]
        ),
        .testTarget(name: "ViewsTests", dependencies: ["Objects", "TestSupport", "Views", system]),
        .testTarget(name: "FuseTests", dependencies: ["Fuse", "Objects", "TestSupport", "Views", logging, system]),
        .testTarget(
            name: "NodeTests",
            dependencies: ["Catalog", "Fuse", "Node", "Objects", "Peers", "Storage", "TestSupport", logging, system],
            exclude: ["Contacts/hostile_contact.py", "Contacts/one_contact.py"]
        ),
        .testTarget(name: "TidyTests"),
    ]
)

// For `Tests/fuzz` only: libFuzzer brings a `main` of its own, so no other build can link this target.
if Context.environment["IOM_FUZZ"] != nil {
    package.products = [.executable(name: "Fuzz", targets: ["Fuzz"])]
    package.targets.append(
        .executableTarget(name: "Fuzz", dependencies: ["Objects", "Peers"], path: "Tests/Fuzz", exclude: ["seed.py"])
    )
}

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335: an existential is written `any`
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409: an import is private unless it says so
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444: what is used is imported
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461: async stays on its caller's executor
        .treatAllWarnings(as: .error),  // SE-0480
    ]
}
