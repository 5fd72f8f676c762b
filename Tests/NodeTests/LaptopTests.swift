import Testing

/// A device that joined, and shows what it does not have.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(2)))
struct LaptopTests {
    @Test func `Both mounts show the same`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let (there, here) = (try await archive.mount(), try await laptop.mount())
            try await laptop.synced(with: archive)
            let find = "-printf '%P %s %T@ %i\\n' | sort"
            let listing = try await home.sh("find \(there) \(find)").output
            #expect(try await home.sh("find \(here) \(find)").output == listing)
        }
    }
}
