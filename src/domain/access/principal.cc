#include "domain/access/principal.h"

namespace billhook::access {
namespace {

char const* kind_of(Caller caller) {
    switch (caller) {
        case Caller::anonymous:
            return "anonymous:";
        case Caller::customer:
            return "customer:";
        case Caller::application:
            return "key:";
        case Caller::operator_:
            return "operator:";
    }
    return "";
}

}  // namespace

std::string Principal::name() const {
    return kind_of(caller) + subject;
}

}  // namespace billhook::access
