#pragma once
// What the catalog file promises, read with nothing but the YAML tree: which price means which plan, and which features
// a plan bears.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"

namespace billhook::oracle {

struct Promise {
    bool is_on = false;
    std::optional<std::int64_t> limit;  // nullopt: a flag, or unlimited
    bool is_unlimited = false;
};

struct Feature {
    bool is_flag = false;
    bool is_soft = false;
    bool is_gauge = false;
};

struct Plan {
    std::string line;
    std::int64_t trial_days = 0;
    std::map<std::string, Promise> features;
};

struct Sold {
    std::string plan;
    std::string interval;
    std::map<std::string, std::int64_t> amounts;  // of one, by currency
};

struct CatalogReading {
    std::string currency;  // of whoever named none
    std::int64_t trial_days = 0;
    Duration grace;
    Duration soft;
    std::vector<std::string> lines;
    std::map<std::string, std::string> default_plans;  // by line
    std::map<std::string, Plan> plans;
    std::map<std::string, Feature> features;
    std::map<std::string, Sold> prices;  // by lookup key
};

Result<CatalogReading> read_catalog(std::string const& path);

}  // namespace billhook::oracle
