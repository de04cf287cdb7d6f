// What is sold: products, prices, coupons, promotion codes, tax rates, features.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCustomer, createPrice, invalid, stripe } from './sandbox.js'

test('a product lives: created, changed, put away, deleted', async () => {
  const product = await stripe.products.create({ name: 'Editor', unit_label: 'seat', metadata: { line: 'tier' } })
  assert.match(product.id, /^prod_/)
  assert.equal(product.active, true)
  assert.equal(product.livemode, false)
  assert.equal(product.default_price, null)
  const renamed = await stripe.products.update(product.id, { name: 'Studio', active: false })
  assert.equal(renamed.name, 'Studio')
  assert.equal(renamed.unit_label, 'seat')
  const inactive = await stripe.products.list({ active: false, ids: [product.id] })
  assert.equal(inactive.data.length, 1)
  assert.equal((await stripe.products.list({ active: true, ids: [product.id] })).data.length, 0)
  assert.deepEqual({ ...(await stripe.products.del(product.id)) }, { id: product.id, object: 'product', deleted: true })
})

test('a product may bring its id and its default price', async () => {
  const product = await stripe.products.create({
    id: 'prod_own_id',
    name: 'Own',
    default_price_data: { currency: 'eur', unit_amount: 900, recurring: { interval: 'year' } },
    expand: ['default_price'],
  })
  assert.equal(product.id, 'prod_own_id')
  assert.equal(product.default_price.unit_amount, 900)
  assert.equal(product.default_price.recurring.interval, 'year')
  await invalid(stripe.products.create({ id: 'prod_own_id', name: 'Again' }), { code: 'resource_already_exists' })
})

test('a product with prices cannot be deleted', async () => {
  const price = await createPrice(500)
  await invalid(stripe.products.del(price.product), { statusCode: 400 })
  assert.equal((await stripe.products.retrieve(price.product)).deleted, undefined)
})

test('a price is recurring or for once', async () => {
  const monthly = await createPrice(2500, { nickname: 'Monthly' })
  assert.equal(monthly.type, 'recurring')
  assert.equal(monthly.billing_scheme, 'per_unit')
  assert.equal(monthly.recurring.interval_count, 1)
  assert.equal(monthly.recurring.usage_type, 'licensed')
  const once = await stripe.prices.create({ currency: 'usd', unit_amount: 700, product: monthly.product })
  assert.equal(once.type, 'one_time')
  assert.equal(once.recurring, null)
  const recurring = await stripe.prices.list({ product: monthly.product, type: 'recurring' })
  assert.deepEqual(recurring.data.map((price) => price.id), [monthly.id])
})

test("a price's amount never changes, its name and use do", async () => {
  const price = await createPrice(2500)
  await invalid(stripe.prices.update(price.id, { unit_amount: 1 }), { code: 'parameter_unknown', param: 'unit_amount' })
  const changed = await stripe.prices.update(price.id, { nickname: 'Old', active: false })
  assert.equal(changed.active, false)
  assert.equal(changed.nickname, 'Old')
})

test('a lookup key belongs to one price until it is transferred', async () => {
  const old = await createPrice(1000, { lookup_key: 'team_monthly' })
  assert.equal((await stripe.prices.list({ lookup_keys: ['team_monthly'] })).data[0].id, old.id)
  await invalid(createPrice(1200, { lookup_key: 'team_monthly' }))
  const next = await createPrice(1200, { lookup_key: 'team_monthly', transfer_lookup_key: true })
  const found = await stripe.prices.list({ lookup_keys: ['team_monthly'] })
  assert.deepEqual(found.data.map((price) => price.id), [next.id])
  assert.equal((await stripe.prices.retrieve(old.id)).lookup_key, null)
})

test('a price has further currencies, shown when expanded', async () => {
  const price = await createPrice(1000, { currency_options: { eur: { unit_amount: 900 }, jpy: { unit_amount: 1500 } } })
  assert.equal(price.currency_options, undefined)
  const expanded = await stripe.prices.retrieve(price.id, { expand: ['currency_options'] })
  assert.deepEqual(Object.keys(expanded.currency_options).sort(), ['eur', 'jpy', 'usd'])
  assert.equal(expanded.currency_options.eur.unit_amount, 900)
  assert.equal(expanded.currency_options.usd.unit_amount, 1000)
})

test('a tiered price has tiers, shown when expanded', async () => {
  const price = await stripe.prices.create({
    currency: 'usd',
    product_data: { name: 'Tiered' },
    recurring: { interval: 'month' },
    billing_scheme: 'tiered',
    tiers_mode: 'graduated',
    tiers: [
      { up_to: 10, unit_amount: 100 },
      { up_to: 'inf', unit_amount: 50 },
    ],
    expand: ['tiers'],
  })
  assert.equal(price.unit_amount, null)
  assert.deepEqual(price.tiers.map((tier) => tier.up_to), [10, null])
  assert.equal((await stripe.prices.retrieve(price.id)).tiers, undefined)
})

test('a price may be a part of a cent', async () => {
  const price = await stripe.prices.create({
    currency: 'usd',
    product_data: { name: 'Message' },
    unit_amount_decimal: '0.5',
    recurring: { interval: 'month' },
  })
  assert.equal(price.unit_amount, null)
  assert.equal(String(price.unit_amount_decimal), '0.5')
})

test('a price needs one amount, a known interval and a product', async () => {
  await invalid(stripe.prices.create({ currency: 'usd', product_data: { name: 'None' } }))
  await invalid(createPrice(100, { recurring: { interval: 'fortnight' } }), { param: 'recurring[interval]' })
  await invalid(stripe.prices.create({ currency: 'usd', unit_amount: 100 }))
  await invalid(createPrice(-5), { param: 'unit_amount' })
})

test('prices are searched', async () => {
  const price = await createPrice(4200, { metadata: { plan: 'searched' } })
  const found = await stripe.prices.search({ query: "active:'true' AND metadata['plan']:'searched'" })
  assert.deepEqual(found.data.map((each) => each.id), [price.id])
})

test('a coupon takes a share or an amount, never both or neither', async () => {
  const share = await stripe.coupons.create({ id: 'QUARTER', percent_off: 25, duration: 'repeating', duration_in_months: 3 })
  assert.equal(share.id, 'QUARTER')
  assert.equal(share.valid, true)
  assert.equal(share.times_redeemed, 0)
  const amount = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'forever' })
  assert.equal(amount.percent_off, null)
  assert.equal(amount.currency, 'usd')
  await invalid(stripe.coupons.create({ percent_off: 10, amount_off: 5, currency: 'usd', duration: 'once' }))
  await invalid(stripe.coupons.create({ duration: 'once' }))
  await invalid(stripe.coupons.create({ amount_off: 500, duration: 'once' }), { param: 'currency' })
  await invalid(stripe.coupons.create({ percent_off: 10, duration: 'repeating' }), { param: 'duration_in_months' })
})

test('a coupon can be renamed and deleted', async () => {
  const { id } = await stripe.coupons.create({ percent_off: 10, duration: 'once' })
  assert.equal((await stripe.coupons.update(id, { name: 'Ten' })).name, 'Ten')
  assert.equal((await stripe.coupons.del(id)).deleted, true)
  await invalid(stripe.coupons.retrieve(id), { statusCode: 404, code: 'resource_missing' })
})

test('a promotion code stands for a coupon and is unique among the active ones, whatever its case', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'once' })
  const promotion = { type: 'coupon', coupon: coupon.id }
  const code = await stripe.promotionCodes.create({ promotion, code: 'SPRING', max_redemptions: 2 })
  assert.match(code.id, /^promo_/)
  assert.equal(code.promotion.type, 'coupon')
  assert.equal(code.promotion.coupon, coupon.id)
  assert.equal((await stripe.promotionCodes.list({ code: 'spring' })).data[0].id, code.id)
  await invalid(stripe.promotionCodes.create({ promotion, code: 'spring' }))
  await stripe.promotionCodes.update(code.id, { active: false })
  assert.equal((await stripe.promotionCodes.create({ promotion, code: 'Spring' })).active, true)
})

test('a promotion code can be for one customer', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'once' })
  const customer = await createCustomer()
  const code = await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    customer: customer.id,
    restrictions: { first_time_transaction: true, minimum_amount: 1000, minimum_amount_currency: 'usd' },
  })
  assert.equal(code.customer, customer.id)
  assert.equal(code.restrictions.minimum_amount, 1000)
  assert.ok(code.code.length > 0)
})

test('a tax rate keeps its percentage', async () => {
  const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: true, country: 'DE' })
  assert.match(rate.id, /^txr_/)
  assert.equal(rate.percentage, 20)
  const changed = await stripe.taxRates.update(rate.id, { active: false, display_name: 'MwSt' })
  assert.equal(changed.active, false)
  await invalid(stripe.taxRates.update(rate.id, { percentage: 5 }), { code: 'parameter_unknown' })
  await invalid(stripe.taxRates.create({ display_name: 'VAT', percentage: 120, inclusive: true }), { param: 'percentage' })
})

test('features hang on products', async () => {
  const feature = await stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' })
  assert.match(feature.id, /^feat_/)
  await invalid(stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' }))
  const product = await stripe.products.create({ name: 'With export' })
  const attached = await stripe.products.createFeature(product.id, { entitlement_feature: feature.id })
  assert.equal(attached.entitlement_feature.lookup_key, 'export')
  assert.equal((await stripe.products.listFeatures(product.id)).data.length, 1)
  assert.equal((await stripe.products.deleteFeature(product.id, attached.id)).deleted, true)
  assert.equal((await stripe.products.listFeatures(product.id)).data.length, 0)
})

test('a feature keeps its lookup key, whatever its name', async () => {
  const feature = await stripe.entitlements.features.create({ name: 'Audit', lookup_key: 'audit' })
  const renamed = await stripe.entitlements.features.update(feature.id, { name: 'Audit log', metadata: { a: '1' } })
  assert.deepEqual([renamed.name, renamed.lookup_key], ['Audit log', 'audit'])
  assert.equal((await stripe.entitlements.features.retrieve(feature.id)).name, 'Audit log')
  const found = await stripe.entitlements.features.list({ lookup_key: 'audit' })
  assert.deepEqual(found.data.map((each) => each.id), [feature.id])
  const product = await stripe.products.create({ name: 'Audited' })
  const attached = await stripe.products.createFeature(product.id, { entitlement_feature: feature.id })
  assert.equal((await stripe.products.retrieveFeature(product.id, attached.id)).entitlement_feature.id, feature.id)
})

test('what was made is found again by its id', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 5, duration: 'once' })
  const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, expand: ['promotion.coupon'] })
  assert.equal(code.promotion.coupon.percent_off, 5)
  assert.equal((await stripe.promotionCodes.retrieve(code.id)).code, code.code)
  const rate = await stripe.taxRates.create({ display_name: 'GST', percentage: 7.5, inclusive: false })
  assert.equal((await stripe.taxRates.retrieve(rate.id)).percentage, 7.5)
  await invalid(stripe.taxRates.retrieve('txr_none'), { statusCode: 404, code: 'resource_missing' })
})

test('a recurring price is also seen as a plan', async () => {
  const price = await createPrice(1500, { recurring: { interval: 'year' } })
  const plan = await stripe.plans.retrieve(price.id)
  assert.deepEqual([plan.amount, plan.interval, plan.product], [1500, 'year', price.product])
  const plans = await stripe.plans.list({ product: price.product })
  assert.deepEqual(plans.data.map((each) => each.id), [price.id])
})

test('a currency that Stripe does not take is refused', async () => {
  await invalid(stripe.prices.create({ currency: 'xyz', unit_amount: 500, product_data: { name: 'A' } }), { param: 'currency' })
})
