import CFuse
import Objects
import SystemPackage
import Views

extension FuseHandler {
    /// getxattr(2); a size of 0 asks for the size.
    func value(of name: String?, of number: EntryNumber, byteCount: Int) throws(ObjectError) -> FuseReply {
        // What is not of this namespace is not supported at all: `ls` then stops asking.
        guard let name, name.hasPrefix("user.") else { return .failed(.notSupported) }
        guard let attribute = ExtendedAttribute(rawValue: name),
            let value = try view.value(of: attribute, of: number)
        else { return .failed(.noData) }
        return Self.reply(Array(value.utf8), byteCount: byteCount)
    }

    /// listxattr(2): names, each with a NUL after it.
    func names(of number: EntryNumber, byteCount: Int) throws(ObjectError) -> FuseReply {
        let names = try view.extendedAttributes(of: number).map { $0.rawValue + "\0" }.joined()
        return Self.reply(Array(names.utf8), byteCount: byteCount)
    }

    func setValue(_ value: [UInt8]?, of name: String?, of number: EntryNumber) throws(ObjectError) -> FuseReply {
        guard let name else { return .failed(.readOnlyFileSystem) }
        try view.setValue(value.map { String(decoding: $0, as: UTF8.self) }, of: name, of: number)
        return .done
    }

    private static func reply(_ bytes: [UInt8], byteCount: Int) -> FuseReply {
        if byteCount == 0 { return .byteCount(bytes.count) }
        return bytes.count <= byteCount ? .bytes(bytes, 0..<bytes.count) : .failed(.outOfRange)
    }
}
