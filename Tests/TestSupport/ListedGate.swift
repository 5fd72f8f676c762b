package import Objects
package import Views

/// Lets everybody fetch but programs of these names.
package struct ListedGate: FetchGate {
    private let refused: [String]

    package init(_ refused: [String]) { self.refused = refused }

    package func admit(_ caller: Caller, to wish: FetchWish) throws(ObjectError) -> String? {
        let program = caller.program()
        if program?.isOne(of: refused) == true { throw .fetchNotAllowed }
        return program?.name
    }
}
