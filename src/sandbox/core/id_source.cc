#include "sandbox/core/id_source.h"

namespace billhook::sandbox {

std::string make_id(RandomSource& random, std::string_view prefix) {
    std::string id(prefix);
    if (prefix == "cus_" || prefix == "prod_" || prefix == "si_" || prefix == "req_" || prefix == "txi_")
        return id + random.alphanumeric(14);
    if (prefix == "cs_test_") return id + "a1" + random.alphanumeric(56);
    if (prefix == "whsec_") return id + random.alphanumeric(32);
    return id + "1" + random.alphanumeric(23);
}

}  // namespace billhook::sandbox
