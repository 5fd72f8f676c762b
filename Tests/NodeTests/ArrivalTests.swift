import Node
import SystemPackage
import Testing

/// What is written on one device is seen on the other, without remount.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct ArrivalTests {
    /// A second is promised; a busy machine gets more.
    private static let limit = Duration.seconds(5)

    @Test func `A message written on either side is in a day that was read before`() async throws {
        try await Household.with { home in
            let (archive, laptop, here) = try await home.pair()
            let there = try await archive.mount()
            try await archive.succeed("say", "Projekt", "Begonnen wird heute.")
            let days = try await [there, here].asyncMap { mount in
                try await home.newestDay(
                    of: "Projekt*",
                    in: mount,
                    mentioning: "Begonnen wird heute.",
                    within: Self.limit
                )
            }
            #expect(days[0].lastComponent == days[1].lastComponent)
            for (writer, text) in [(archive, "Vom Archiv gesagt."), (laptop, "Vom Laptop gesagt.")] {
                // Read and listed just before, so that every cache is full of the old.
                for day in days { #expect(try await !home.cat(day).output.contains(text)) }
                let said = try await writer.succeed("say", "Projekt", text)
                #expect(said.output.hasSuffix(": posted\n"))
                for day in days {
                    try await eventually("\(text) in \(day)", within: Self.limit) {
                        try await home.cat(day).output.contains(text)
                    }
                    let byteCount = try await home.cat(day).outputBytes.count
                    let listed = try await home.sh("ls -l '\(day)'").output.split(separator: " ")
                    #expect(listed.dropFirst(4).first == "\(byteCount)")
                }
            }
            #expect(try await home.cat(days[0]).output == home.cat(days[1]).output)
            for instance in [archive, laptop] {
                let last = try await instance.json("log", "Projekt").suffix(2)
                #expect(last.map { $0["text"] as? String } == ["Vom Archiv gesagt.", "Vom Laptop gesagt."])
                #expect(last.allSatisfy { $0["verified"] as? Bool == true })
            }
        }
    }

    @Test func `Attachments and files arrive, from either side`() async throws {
        try await Household.with { home in
            let (archive, laptop, here) = try await home.pair()
            let there = try await archive.mount()
            for (writer, reader, mount) in [(archive, laptop, here), (laptop, archive, there)] {
                let (photo, letter) = (
                    home.directory.appending("\(writer.name).jpg"), home.directory.appending("\(writer.name).txt")
                )
                try await home.sh("head -c 70000 /dev/urandom > '\(photo)'; echo 'Dear \(writer.name)' > '\(letter)'")
                    .mustSucceed()
                _ = try await home.listing(mount)
                try await writer.succeed("say", "Projekt", "Ein Bild.", "--attach", photo.string)
                try await eventually("\(photo) at \(reader.name)", within: Self.limit) {
                    try await home.sh("cmp '\(photo)' '\(mount)'/conversations/Projekt*/*/*' \(writer.name).jpg'")
                        .exitCode == 0
                }
                try await writer.succeed("add", letter.string, "--to", "letters/2026")
                try await eventually("\(letter) at \(reader.name)", within: Self.limit) {
                    try await home.sh("cmp '\(letter)' '\(mount)/files/letters/2026/\(writer.name).txt'").exitCode == 0
                }
            }
            let listing = try await home.listing(there)
            try await eventually("both show the same", within: Self.limit) { try await home.listing(here) == listing }
        }
    }
}

extension Household {
    /// The newest day of a conversation, once it has this text.
    func newestDay(
        of title: String,
        in mount: FilePath,
        mentioning text: String,
        within limit: Duration
    ) async throws -> FilePath {
        var day = ""
        try await eventually("\(text) in \(mount)", within: limit) {
            day = try await sh("readlink -f '\(mount)'/conversations/\(title)/latest.md").lines.first ?? ""
            return try await cat(FilePath(day)).output.contains(text)
        }
        return FilePath(day)
    }
}

extension Sequence {
    /// One after another.
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
