/// Something that wants a name, and what decides between those that want the same (design 8).
package struct NameClaim: Hashable, Sendable {
    package var number: EntryNumber
    /// Milliseconds since 1970; the earliest has the name as it is.
    package var time: Double
    /// Decides when times are equal, and gives the digits.
    package var hash: ObjectHash

    package init(number: EntryNumber, time: Double, hash: ObjectHash) {
        (self.number, self.time, self.hash) = (number, time, hash)
    }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.time != right.time { return left.time < right.time }
        return left.hash == right.hash ? left.number < right.number : left.hash < right.hash
    }
}

extension EntryName {
    /// Digits of a hash that tell twins apart, where no two have the same.
    private static let digitCount = 8

    /// The names of all in a directory that want this safe name: the first in order has it, each other gets ` ~` and the
    /// first digits of its hash before the extension.
    ///
    /// A name that looks as if it had such digits already is had by nobody as it is, so names given to different groups
    /// never meet.
    package static func names(wanting name: String, _ claims: [NameClaim]) -> [EntryNumber: String] {
        if claims.count == 1, let only = claims.first, !looksNumbered(name) { return [only.number: name] }
        let sorted = claims.sorted(by: NameClaim.precedes)
        let numbered = looksNumbered(name) ? sorted[...] : sorted.dropFirst()
        var names: [EntryNumber: String] = [:]
        if numbered.count < sorted.count, let first = sorted.first { names[first.number] = name }
        let digits = digits(of: Array(numbered))
        for claim in numbered { names[claim.number] = self.name(name, with: digits[claim.number] ?? "") }
        return names
    }

    /// The shortest digits that are different for all: 8 of the hash, more, or those of the number for the same hash.
    private static func digits(of claims: [NameClaim]) -> [EntryNumber: String] {
        var count = digitCount
        while count <= ObjectHash.byteCount * 2 {
            let digits = claims.map { String($0.hash.hex.prefix(count)) }
            if Set(digits).count == claims.count {
                return Dictionary(zip(claims.map(\.number), digits)) { first, _ in first }
            }
            count *= 2
        }
        let pairs = claims.map { claim in
            (claim.number, ObjectHash(of: Array("\(claim.hash)/\(claim.number)".utf8)).hex.prefix(2 * digitCount))
        }
        return Dictionary(pairs.map { ($0, String($1)) }) { first, _ in first }
    }

    private static func name(_ name: String, with digits: String) -> String {
        let (stem, suffix) = parts(of: name)
        let mark = " ~" + digits + suffix
        guard stem.utf8.count + mark.utf8.count > byteCountMax else { return stem + mark }
        // What is cut off must still count: two long names with one beginning would meet.
        let rest = ObjectHash(of: Array((name + "/" + digits).utf8)).hex.prefix(digits.utf8.count)
        return cut(stem, extension: " ~" + rest + suffix, byteCount: byteCountMax)
    }

    /// Whether a name ends, before its extension, like one that was told apart: ` ~` and at least 8 digits.
    private static func looksNumbered(_ name: String) -> Bool {
        let stem = Array(parts(of: name).stem.utf8)
        guard let tilde = stem.lastIndex(of: UInt8(ascii: "~")), tilde > 0, stem[tilde - 1] == UInt8(ascii: " ") else {
            return false
        }
        let digits = stem[(tilde + 1)...]
        return digits.count >= digitCount && digits.allSatisfy { Hex.nibble(lowerCase: $0) != nil }
    }
}
