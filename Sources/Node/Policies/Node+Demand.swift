import Catalog
package import Objects
import Storage

extension Node {
    /// What this instance keeps.
    package var policy: Policy { policies.current }

    /// What must be here now.
    package func demand() throws(ObjectError) -> Demand {
        Demand(policy, at: time.now, activities: try catalog.activities())
    }

    /// Why an object is here, or may go: what holds it apart from its use.
    package func ground(of hash: ObjectHash, lastUse: Timestamp? = nil, by demand: Demand) throws -> Ground {
        demand.ground(
            of: Demand.Facts(
                try catalog.parts(of: hash),
                pin: try pins.pin(holding: hash)?.description,
                isUnderReplicated: try catalog.isUnconfirmed(hash),
                isWorking: try !catalog.needed([hash]).isEmpty,
                lastUse: lastUse
            )
        )
    }
}
