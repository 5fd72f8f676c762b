/// A compiled regular expression of JavaScript: tells whether it matches somewhere in a text.
///
/// It walks all alternatives at once (Thompson 1968), so that no pattern and no text make it slow: at most one step for each
/// pair of a unit of the text and an instruction, times the length of the text where it looks ahead.
struct PatternMatcher: Sendable {
    /// Most instructions a pattern may need.
    private static let instructionCountMax = 20_000

    private enum Instruction: Sendable {
        case unit(CharacterClass)
        case split(Int, Int)
        case jump(Int)
        case lineStart
        case lineEnd
        case wordEdge(isNegated: Bool)
        case lookahead(PatternMatcher, isNegated: Bool)
        case accept
    }

    private var program: [Instruction] = []
    private let isCaseIgnored: Bool
    private let isMultiline: Bool
    private let isUnicode: Bool

    init(_ pattern: Pattern) throws(MicrodataError) {
        var parser = PatternParser(pattern)
        try self.init(try parser.parse(), flags: pattern.flags)
    }

    private init(_ node: PatternNode, flags: String) throws(MicrodataError) {
        isCaseIgnored = flags.contains("i")
        isMultiline = flags.contains("m")
        isUnicode = flags.contains("u")
        try compile(node, flags)
        program.append(.accept)
    }

    /// Whether the pattern matches anywhere in this text.
    func matches(_ text: String) -> Bool {
        matches(Self.units(of: text, isUnicode: isUnicode), from: 0, isAnchored: false)
    }

    static func units(of text: String, isUnicode: Bool) -> [UInt32] {
        isUnicode ? text.unicodeScalars.map(\.value) : text.utf16.map { UInt32($0) }
    }
}

extension PatternMatcher {
    private mutating func compile(_ node: PatternNode, _ flags: String) throws(MicrodataError) {
        guard program.count < Self.instructionCountMax else { throw .invalid("regular expression: too large") }
        switch node {
        case .empty: break
        case .unit(let members): program.append(.unit(members))
        case .sequence(let nodes): for node in nodes { try compile(node, flags) }
        case .choice(let nodes): try compile(choice: nodes[...], flags)
        case .times(let node, let min, let max):
            for _ in 0..<min { try compile(node, flags) }
            if let max {
                try compile(optional: node, count: max - min, flags)
            } else {
                try compile(repeated: node, flags)
            }
        case .lineStart: program.append(.lineStart)
        case .lineEnd: program.append(.lineEnd)
        case .wordEdge(let isNegated): program.append(.wordEdge(isNegated: isNegated))
        case .lookahead(let node, let isNegated):
            program.append(.lookahead(try PatternMatcher(node, flags: flags), isNegated: isNegated))
        }
    }

    private mutating func compile(choice nodes: ArraySlice<PatternNode>, _ flags: String) throws(MicrodataError) {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            let isLast = index == nodes.count - 1
            let split = program.count
            if !isLast { program.append(.jump(0)) }
            try compile(node, flags)
            guard !isLast else { break }
            jumps.append(program.count)
            program.append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func compile(repeated node: PatternNode, _ flags: String) throws(MicrodataError) {
        let split = program.count
        program.append(.jump(0))
        try compile(node, flags)
        program.append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }

    private mutating func compile(optional node: PatternNode, count: Int, _ flags: String) throws(MicrodataError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(program.count)
            program.append(.jump(0))
            try compile(node, flags)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }
}

extension PatternMatcher {
    /// The instructions reached at one place of the text, each once.
    private struct Threads {
        var list: [Int] = []
        private var marks: [Int]
        private var mark = 0

        init(instructionCount: Int) { marks = Array(repeating: -1, count: instructionCount) }

        mutating func clear() {
            list.removeAll(keepingCapacity: true)
            mark += 1
        }

        mutating func visit(_ instruction: Int) -> Bool {
            guard marks[instruction] != mark else { return false }
            marks[instruction] = mark
            return true
        }
    }

    private func matches(_ text: [UInt32], from start: Int, isAnchored: Bool) -> Bool {
        var now = Threads(instructionCount: program.count)
        var next = Threads(instructionCount: program.count)
        for place in start...text.count {
            if place == start || !isAnchored, follow(0, at: place, text, &now) { return true }
            if now.list.isEmpty, isAnchored { return false }
            guard place < text.count else { break }
            next.clear()
            for index in now.list {
                guard case .unit(let members) = program[index], has(members, text[place]) else { continue }
                if follow(index + 1, at: place + 1, text, &next) { return true }
            }
            swap(&now, &next)
        }
        return false
    }

    private func has(_ members: CharacterClass, _ unit: UInt32) -> Bool {
        isCaseIgnored ? members.containsAnyCase(unit) : members.contains(unit)
    }

    /// Adds the instructions that wait for a unit and can be reached from this one; true if the end can.
    private func follow(_ first: Int, at place: Int, _ text: [UInt32], _ threads: inout Threads) -> Bool {
        var open = [first]
        while let index = open.popLast() {
            guard threads.visit(index) else { continue }
            switch program[index] {
            case .accept: return true
            case .unit: threads.list.append(index)
            case .jump(let target): open.append(target)
            case .split(let one, let other): open += [one, other]
            case .lineStart:
                let isStart = place == 0 || isMultiline && CharacterClass.lineEnd.contains(text[place - 1])
                if isStart { open.append(index + 1) }
            case .lineEnd:
                let isEnd = place == text.count || isMultiline && CharacterClass.lineEnd.contains(text[place])
                if isEnd { open.append(index + 1) }
            case .wordEdge(let isNegated):
                let before = place > 0 && CharacterClass.word.contains(text[place - 1])
                let after = place < text.count && CharacterClass.word.contains(text[place])
                if (before != after) != isNegated { open.append(index + 1) }
            case .lookahead(let inner, let isNegated):
                if inner.matches(text, from: place, isAnchored: true) != isNegated { open.append(index + 1) }
            }
        }
        return false
    }
}
