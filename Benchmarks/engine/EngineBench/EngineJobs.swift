import Foundation
import Heddle

/// The jobs that other engines do too (engines.py, spark.scala); each gives what theirs give.
struct EngineJobs {
    let context: HeddleContext

    func run(_ job: String, _ arguments: [String]) async throws {
        func count(_ index: Int) -> Int { index < arguments.count ? Int(arguments[index]) ?? 0 : 0 }
        // The first task of an application also waits for executors, in Spark's runs too.
        if job != "first" { _ = try await self.tasks(2) }
        switch job {
        case "words": try await measure("words") { try await self.words(arguments[0]) }
        case "sort": try await measure("sort") { try await self.sort(arguments[0]) }
        case "sort-to-file": try await measure("sort-to-file") { try await self.sort(arguments[0], to: arguments[1]) }
        case "sum": try await measure("sum") { try await self.sum(count(0)) }
        case "group": try await measure("group") { try await self.group(count(0)) }
        case "join": try await measure("join") { try await self.join(count(0), count(1)) }
        case "kmeans": try await measure("kmeans") { try await self.kmeans(count(0)) }
        case "tasks": try await measure("tasks") { try await self.tasks(count(0)) }
        case "jobs":
            try await measure("jobs") {
                for _ in 0..<count(0) { _ = try await self.tasks(1) }
                return count(0)
            }
        case "first":
            _ = try await self.tasks(1)
            report("first", sinceStart(), 1)
        default: print("there is no job \(job)")
        }
    }

    private func words(_ path: String) async throws -> String {
        let counts = try await self.context.textFile(path).flatMap { $0.words }.map { Pair($0, 1) }
            .reduceByKey { $0 + $1 }
        let all = try await counts.aggregate(
            Pair(0, 0),
            { Pair($0.key + 1, $0.value + $1.value) },
            { Pair($0.key + $1.key, $0.value + $1.value) }
        )
        return "\(all.key)/\(all.value)"
    }

    private func sort(_ path: String) async throws -> Int {
        try await self.context.textFile(path).sortBy { $0 }.count()
    }

    private func sort(_ path: String, to folder: String) async throws -> String {
        try await self.context.textFile(path).sortBy { $0 }.saveAsTextFile(folder)
        return "written"
    }

    private func sum(_ count: Int) async throws -> Int {
        try await self.context.range(0, count).filter { $0 % 3 == 0 }.sum()
    }

    private func group(_ count: Int) async throws -> Int {
        let sums = self.context.range(0, count).map { Pair($0 % 1_000, $0) }.reduceByKey { $0 + $1 }
        return try await sums.values().max() ?? 0
    }

    private func join(_ left: Int, _ right: Int) async throws -> Int {
        let lefts = self.context.range(0, left).map(with: right) { Pair($1 &* 7_919 % $0, $1) }
        let rights = self.context.range(0, right).map { Pair($0, $0 * 3) }
        return try await lefts.join(rights).map { $0.value.key + $0.value.value }.sum()
    }

    private func kmeans(_ count: Int) async throws -> String {
        let points = self.context.range(0, count).map { BenchmarkPoint.make($0) }.cache()
        var centers = (0..<10).map { BenchmarkPoint.make($0 * 7) }
        for _ in 0..<10 {
            let sums = points.map(with: centers) { centers, point in
                Pair(BenchmarkPoint.nearest(to: point, of: centers), Pair(point, 1))
            }.reduceByKey { Pair($0.key + $1.key, $0.value + $1.value) }
            for sum in try await sums.collect() { centers[sum.key] = sum.value.key / Double(sum.value.value) }
        }
        return String(format: "%.6f", centers.reduce(0) { $0 + $1.sum() })
    }

    private func tasks(_ count: Int) async throws -> Int {
        try await self.context.range(0, count, partitions: count).foreach { _ in }
        return count
    }
}

/// Points of eight coordinates, made from their numbers.
enum BenchmarkPoint {
    static func make(_ number: Int) -> SIMD8<Double> {
        var point = SIMD8<Double>()
        var state = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        for index in 0..<8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            point[index] = Double(state >> 40) / Double(1 << 24) + Double(number % 10)
        }
        return point
    }

    static func nearest(to point: SIMD8<Double>, of centers: [SIMD8<Double>]) -> Int {
        var (best, least) = (0, Double.infinity)
        for index in centers.indices {
            let difference = point - centers[index]
            let distance = (difference * difference).sum()
            if distance < least { (best, least) = (index, distance) }
        }
        return best
    }
}
