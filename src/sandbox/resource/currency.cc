#include "sandbox/resource/currency.h"

#include <string_view>

#include "base/money.h"

namespace billhook::sandbox {
namespace {

// Stripe, "Supported currencies": those that a price may be in, the three-decimal ones included.
constexpr std::string_view supported =
    "usd, aed, afn, all, amd, ang, aoa, ars, aud, awg, azn, bam, bbd, bdt, bgn, bhd, bif, bmd, bnd, bob, brl, bsd, "
    "bwp, byn, bzd, cad, cdf, chf, clp, cny, cop, crc, cve, czk, djf, dkk, dop, dzd, egp, etb, eur, fjd, fkp, gbp, "
    "gel, gip, gmd, gnf, gtq, gyd, hkd, hnl, htg, huf, idr, ils, inr, isk, jmd, jod, jpy, kes, kgs, khr, kmf, krw, "
    "kwd, kyd, kzt, lak, lbp, lkr, lrd, lsl, mad, mdl, mga, mkd, mmk, mnt, mop, mur, mvr, mwk, mxn, myr, mzn, nad, "
    "ngn, nio, nok, npr, nzd, omr, pab, pen, pgk, php, pkr, pln, pyg, qar, ron, rsd, rub, rwf, sar, sbd, scr, sek, "
    "sgd, shp, sle, sos, srd, std, szl, thb, tjs, tnd, top, try, ttd, twd, tzs, uah, ugx, uyu, uzs, vnd, vuv, wst, "
    "xaf, xcd, xof, xpf, yer, zar, zmw";

}  // namespace

Answer<std::string> read_currency(std::string const& given, std::string const& param) {
    auto const currency = Currency::parse(given);
    if (currency && supported.find(currency->code()) != std::string_view::npos) return currency->code();
    return refuse(bad_request(
        "Invalid currency: " + given + ". Stripe currently supports these currencies: " + std::string(supported),
        param));
}

}  // namespace billhook::sandbox
