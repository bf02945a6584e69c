/// The pools of `spark.scheduler.allocation.file` and those that jobs name, with how many tasks of each run.
struct PoolTable: Sendable {
    private let settings: PoolsSettings
    private var names = Names()
    private var pools: [Pool] = []

    struct Pool: Sendable {
        let name: String
        let settings: PoolSettings
        var running = 0
    }

    init(settings: PoolsSettings) { self.settings = settings }

    var isFair: Bool { self.settings.mode == .fair }

    mutating func number(of name: String) -> Int {
        let number = self.names.number(of: name)
        if number == self.pools.count {
            self.pools.append(Pool(name: name, settings: self.settings.pools[name] ?? PoolSettings()))
        }
        return number
    }

    subscript(number: Int) -> Pool { self.pools[number] }

    mutating func launched(_ pool: Int) { self.pools[pool].running += 1 }

    mutating func left(_ pool: Int) { self.pools[pool].running -= 1 }

    /// Whether that pool is served before the other: who has less than its minimum share first, then who has less for
    /// its weight.
    func precedes(_ left: Int, _ right: Int) -> Bool {
        let one = self.pools[left]
        let two = self.pools[right]
        let oneIsNeedy = one.running < one.settings.minimumShare
        let twoIsNeedy = two.running < two.settings.minimumShare
        if oneIsNeedy != twoIsNeedy { return oneIsNeedy }
        // Ratios compared without dividing.
        let oneBase = max(oneIsNeedy ? one.settings.minimumShare : one.settings.weight, 1)
        let twoBase = max(twoIsNeedy ? two.settings.minimumShare : two.settings.weight, 1)
        let oneRatio = one.running * twoBase
        let twoRatio = two.running * oneBase
        return oneRatio == twoRatio ? one.name < two.name : oneRatio < twoRatio
    }
}
