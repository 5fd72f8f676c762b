/// The members of a JSON object that describes a part of a recipe; each is read with the type it must have.
struct RecipeFields {
    private let json: JSON
    private let members: [JSON.Member]
    private let subject: String

    init(_ json: JSON, _ subject: String) throws(MicrodataError) {
        guard case .object(let members) = json else { throw .invalid("\(subject) is not an object") }
        (self.json, self.members, self.subject) = (json, members, subject)
    }

    func allowOnly(_ names: [String]) throws(MicrodataError) {
        for member in members where !names.contains(where: { $0.utf16.elementsEqual(member.key.utf16) }) {
            throw .invalid("\(subject) has the unknown field \(member.key.text)")
        }
    }

    func string(_ name: String) throws(MicrodataError) -> String? {
        guard let value = json[name] else { return nil }
        guard case .string(let text) = value else { throw failure(name, "a string") }
        return text.text
    }

    func number(_ name: String) throws(MicrodataError) -> Double? {
        guard let value = json[name] else { return nil }
        guard case .number(let number) = value else { throw failure(name, "a number") }
        return number
    }

    func boolean(_ name: String) throws(MicrodataError) -> Bool? {
        guard let value = json[name] else { return nil }
        guard case .boolean(let boolean) = value else { throw failure(name, "true or false") }
        return boolean
    }

    func items(_ name: String) throws(MicrodataError) -> [JSON] {
        guard case .array(let items) = json[name] else { throw failure(name, "an array") }
        return items
    }

    func strings(_ name: String) throws(MicrodataError) -> [String] {
        var strings: [String] = []
        for item in try items(name) {
            guard case .string(let text) = item else { throw failure(name, "an array of strings") }
            strings.append(text.text)
        }
        return strings
    }

    func type(_ name: String, _ depth: Int) throws(MicrodataError) -> ValueType {
        guard let value = json[name] else { throw failure(name, "a type") }
        return try ValueType(json: value, depth: depth + 1)
    }

    private func failure(_ name: String, _ expected: String) -> MicrodataError {
        .invalid("\(subject): \(name) is not \(expected)")
    }
}
