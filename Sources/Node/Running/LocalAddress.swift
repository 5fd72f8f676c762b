import Glibc

/// The addresses of this machine (getifaddrs(3)).
enum LocalAddress {
    /// The first IPv4 address other machines may know; nil if there is only loopback.
    static var reachable: String? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let item = next?.pointee {
            next = item.ifa_next
            let isUp = item.ifa_flags & UInt32(IFF_UP) != 0 && item.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            if isUp, let text = text(of: item.ifa_addr) { return text }
        }
        return nil
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>?) -> String? {
        guard let address, address.pointee.sa_family == sa_family_t(AF_INET) else { return nil }
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard getnameinfo(address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
