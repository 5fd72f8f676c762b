/// The parts of a regular expression.
indirect enum PatternNode: Sendable {
    case empty
    case unit(CharacterClass)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// At least `min` times, at most `max` times; nil: without end.
    case times(PatternNode, min: Int, max: Int?)
    case lineStart
    case lineEnd
    case wordEdge(isNegated: Bool)
    case lookahead(PatternNode, isNegated: Bool)
}

/// Reads JavaScript's syntax of regular expressions, without back references, lookbehind and nested lookahead.
struct PatternParser {
    /// How deep groups may be nested.
    private static let depthMax = 64
    /// How often a part may be asked to repeat by number.
    private static let repetitionMax = 1_000

    private let units: [UInt32]
    private let isDotAll: Bool
    private let isUnicode: Bool
    private var position = 0
    /// Lookahead in lookahead would take time by a power of the length of the text.
    private var isLookingAhead = false

    init(_ pattern: Pattern) {
        isDotAll = pattern.flags.contains("s")
        isUnicode = pattern.flags.contains("u")
        units = PatternMatcher.units(of: pattern.source, isUnicode: isUnicode)
    }

    mutating func parse() throws(MicrodataError) -> PatternNode {
        let node = try choice(depth: 0)
        guard position == units.count else { throw failure("unbalanced )") }
        return node
    }

    private mutating func choice(depth: Int) throws(MicrodataError) -> PatternNode {
        guard depth <= Self.depthMax else { throw failure("groups nested deeper than \(Self.depthMax)") }
        var branches = [try sequence(depth: depth)]
        while take("|") { branches.append(try sequence(depth: depth)) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence(depth: Int) throws(MicrodataError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let unit = peek, unit != "|", unit != ")" {
            let node = try term(depth: depth)
            nodes.append(try quantified(node))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func term(depth: Int) throws(MicrodataError) -> PatternNode {
        let unit = next()
        switch unit.map({ Unicode.Scalar($0) }) {
        case "^": return .lineStart
        case "$": return .lineEnd
        case ".": return .unit(isDotAll ? .any : CharacterClass.lineEnd.inverted)
        case "(": return try group(depth: depth)
        case "[": return .unit(try characterClass())
        case "\\": return try escape()
        case "*", "+", "?": throw failure("nothing to repeat")
        default: return .unit(CharacterClass(ranges: [(unit ?? 0)...(unit ?? 0)]))
        }
    }

    private mutating func group(depth: Int) throws(MicrodataError) -> PatternNode {
        var look: Bool?
        if take("?") {
            if take("=") {
                look = false
            } else if take("!") {
                look = true
            } else if take("<") {
                guard peek != "=", peek != "!" else { throw failure("lookbehind is not supported") }
                while let unit = next(), unit != UInt32(UInt8(ascii: ">")) {}
            } else if !take(":") {
                throw failure("unknown group")
            }
        }
        guard look == nil || !isLookingAhead else { throw failure("lookahead in lookahead is not supported") }
        let wasLookingAhead = isLookingAhead
        isLookingAhead = wasLookingAhead || look != nil
        let node = try choice(depth: depth + 1)
        isLookingAhead = wasLookingAhead
        guard take(")") else { throw failure("unfinished group") }
        return look.map { .lookahead(node, isNegated: $0) } ?? node
    }

    private mutating func quantified(_ node: PatternNode) throws(MicrodataError) -> PatternNode {
        var (min, max): (Int, Int?) = (1, 1)
        if take("*") {
            (min, max) = (0, nil)
        } else if take("+") {
            (min, max) = (1, nil)
        } else if take("?") {
            (min, max) = (0, 1)
        } else if let braces = braces() {
            (min, max) = braces
        } else {
            return node
        }
        // Whether it would rather match little does not change whether it matches.
        _ = take("?")
        guard min <= Self.repetitionMax, (max ?? min) <= Self.repetitionMax else {
            throw failure("more than \(Self.repetitionMax) repetitions")
        }
        guard max.map({ $0 >= min }) != false else { throw failure("repetitions out of order") }
        return .times(node, min: min, max: max)
    }

    /// `{2}`, `{2,}` or `{2,3}`; anything else in braces is taken literally (ECMAScript annex B).
    private mutating func braces() -> (Int, Int?)? {
        let start = position
        if take("{"), let min = number() {
            if take("}") { return (min, min) }
            if take(",") {
                let max = number()
                if take("}") { return (min, max) }
            }
        }
        position = start
        return nil
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let unit = peek, ("0"..."9").contains(unit) {
            value = min((value ?? 0) * 10 + Int(unit.value - 0x30), Self.repetitionMax + 1)
            position += 1
        }
        return value
    }
}

extension PatternParser {
    private mutating func escape() throws(MicrodataError) -> PatternNode {
        switch peek {
        case "b":
            position += 1
            return .wordEdge(isNegated: false)
        case "B":
            position += 1
            return .wordEdge(isNegated: true)
        case "1", "2", "3", "4", "5", "6", "7", "8", "9", "k": throw failure("back references are not supported")
        default: return .unit(try escapedClass())
        }
    }

    /// What stands after a backslash, outside or inside brackets.
    private mutating func escapedClass() throws(MicrodataError) -> CharacterClass {
        guard let unit = next() else { throw failure("unfinished escape") }
        switch Unicode.Scalar(unit) {
        case "d": return .digit
        case "D": return CharacterClass.digit.inverted
        case "w": return .word
        case "W": return CharacterClass.word.inverted
        case "s": return .space
        case "S": return CharacterClass.space.inverted
        case "p", "P": throw failure("property classes are not supported")
        default:
            let escaped = try escapedUnit(unit)
            return CharacterClass(ranges: [escaped...escaped])
        }
    }

    private mutating func escapedUnit(_ unit: UInt32) throws(MicrodataError) -> UInt32 {
        switch Unicode.Scalar(unit) {
        case "t": return 0x09
        case "n": return 0x0A
        case "v": return 0x0B
        case "f": return 0x0C
        case "r": return 0x0D
        case "0": return 0
        case "c":
            guard let letter = next() else { throw failure("unfinished escape") }
            return letter % 32
        case "x": return hexadecimal(digitCount: 2) ?? unit
        case "u":
            if isUnicode, take("{") {
                var value: UInt32 = 0
                while let digit = hexadecimal(digitCount: 1) { value = min(value << 4 | digit, 0x110000) }
                guard take("}"), value < 0x110000 else { throw failure("not a code point") }
                return value
            }
            return hexadecimal(digitCount: 4) ?? unit
        default: return unit
        }
    }

    private mutating func hexadecimal(digitCount: Int) -> UInt32? {
        guard position + digitCount <= units.count else { return nil }
        var value: UInt32 = 0
        for unit in units[position..<(position + digitCount)] {
            guard let digit = Unicode.Scalar(unit).flatMap({ Character($0).hexDigitValue }) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        position += digitCount
        return value
    }

    private mutating func characterClass() throws(MicrodataError) -> CharacterClass {
        var result = CharacterClass()
        let isNegated = take("^")
        while let unit = next() {
            if unit == UInt32(UInt8(ascii: "]")) { return isNegated ? result.inverted : result }
            let first = try classMember(unit)
            let start = position
            guard take("-"), peek != "]", let lastUnit = next() else {
                position = start
                result.formUnion(first)
                continue
            }
            let last = try classMember(lastUnit)
            if let low = first.single, let high = last.single {
                guard low <= high else { throw failure("range out of order") }
                result.ranges.append(low...high)
            } else {
                result.formUnion(first)
                result.formUnion(last)
                result.ranges.append(0x2D...0x2D)
            }
        }
        throw failure("unfinished class")
    }

    private mutating func classMember(_ unit: UInt32) throws(MicrodataError) -> CharacterClass {
        guard unit == UInt32(UInt8(ascii: "\\")) else { return CharacterClass(ranges: [unit...unit]) }
        // Between brackets this is a backspace.
        if take("b") { return CharacterClass(ranges: [0x08...0x08]) }
        return try escapedClass()
    }

    /// The unit ahead; one that is no scalar, half of a surrogate pair, is shown as one that means nothing.
    private var peek: Unicode.Scalar? {
        position < units.count ? Unicode.Scalar(units[position]) ?? "\u{FFFD}" : nil
    }

    private mutating func next() -> UInt32? {
        guard position < units.count else { return nil }
        position += 1
        return units[position - 1]
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private func failure(_ reason: String) -> MicrodataError { .invalid("regular expression: \(reason)") }
}

extension CharacterClass {
    /// The only member; nil if there are more.
    fileprivate var single: UInt32? {
        guard !isNegated, ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
