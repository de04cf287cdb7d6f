// How a subscription begins, and how it ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  advance,
  createClock,
  createCustomer,
  createPayer,
  createPrice,
  declined,
  invalid,
  stripe,
  unix,
  useCard,
} from './sandbox.js'

const subscribe = (customer, price, fields = {}) =>
  stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], ...fields })

/// A customer on a clock that stands at this moment.
async function payerOnClock(at, card = 'pm_card_visa') {
  const clock = await createClock(at)
  return { clock: clock.id, payer: await createPayer({ test_clock: clock.id }, card) }
}

const period = (subscription) => {
  const [item] = subscription.items.data
  return [item.current_period_start, item.current_period_end]
}

test('a paid subscription is active for its first month', async () => {
  const { payer } = await payerOnClock('2026-01-15T10:00:00Z')
  const price = await createPrice(2500, { name: 'Team' })
  const subscription = await subscribe(payer, price, { metadata: { ref: '1' }, expand: ['latest_invoice'] })
  assert.match(subscription.id, /^sub_/)
  assert.equal(subscription.status, 'active')
  assert.equal(subscription.created, unix('2026-01-15T10:00:00Z'))
  assert.equal(subscription.billing_cycle_anchor, unix('2026-01-15T10:00:00Z'))
  assert.deepEqual(period(subscription), [unix('2026-01-15T10:00:00Z'), unix('2026-02-15T10:00:00Z')])
  assert.equal(subscription.billing_mode.type, 'flexible')
  assert.equal(subscription.collection_method, 'charge_automatically')
  assert.equal(subscription.cancel_at_period_end, false)
  assert.equal(subscription.items.data[0].price.id, price.id)
  assert.equal(subscription.items.data[0].quantity, 1)
  assert.match(subscription.items.data[0].id, /^si_/)
  assert.equal(subscription.latest_invoice.status, 'paid')
})

test('the first invoice bills the period to come', async () => {
  const { payer } = await payerOnClock('2026-01-15T10:00:00Z')
  const product = await stripe.products.create({ name: 'Team', unit_label: 'user' })
  const price = await createPrice(2500, { product: product.id })
  const subscription = await subscribe(payer, price, { expand: ['latest_invoice.payments'] })
  const invoice = subscription.latest_invoice
  assert.equal(invoice.billing_reason, 'subscription_create')
  assert.equal(invoice.number, `${payer.invoice_prefix}-0001`)
  assert.deepEqual([invoice.subtotal, invoice.total, invoice.amount_due, invoice.amount_paid, invoice.amount_remaining], [2500, 2500, 2500, 2500, 0])
  assert.deepEqual([invoice.period_start, invoice.period_end], [subscription.created, subscription.created])
  assert.equal(invoice.parent.subscription_details.subscription, subscription.id)
  const [line] = invoice.lines.data
  assert.equal(line.description, '1 user × Team (at $25.00 / month)')
  assert.deepEqual([line.period.start, line.period.end], period(subscription))
  assert.equal(line.pricing.price_details.price, price.id)
  assert.equal(line.parent.subscription_item_details.proration, false)
  assert.equal(invoice.payments.data.length, 1)
  assert.equal(invoice.payments.data[0].status, 'paid')
})

test('quantity multiplies the amount', async () => {
  const payer = await createPayer()
  const price = await createPrice(700)
  const subscription = await stripe.subscriptions.create({
    customer: payer.id,
    items: [{ price: price.id, quantity: 7 }],
    expand: ['latest_invoice'],
  })
  assert.equal(subscription.latest_invoice.total, 4900)
})

test('one subscription may hold several prices', async () => {
  const payer = await createPayer()
  const [tier, seats] = [await createPrice(2000, { name: 'Tier' }), await createPrice(300, { name: 'Seats' })]
  const subscription = await stripe.subscriptions.create({
    customer: payer.id,
    items: [{ price: tier.id }, { price: seats.id, quantity: 5 }],
    expand: ['latest_invoice'],
  })
  assert.equal(subscription.items.data.length, 2)
  assert.equal(subscription.latest_invoice.total, 2000 + 5 * 300)
  const invalidTwice = stripe.subscriptions.create({ customer: payer.id, items: [{ price: tier.id }, { price: tier.id }] })
  await invalid(invalidTwice, { statusCode: 400 })
})

test("a price's other currency is billed in it", async () => {
  const payer = await createPayer()
  const price = await createPrice(2000, { currency_options: { eur: { unit_amount: 1800 }, jpy: { unit_amount: 3000 } } })
  const subscription = await subscribe(payer, price, { currency: 'eur', expand: ['latest_invoice'] })
  assert.equal(subscription.currency, 'eur')
  assert.deepEqual([subscription.latest_invoice.currency, subscription.latest_invoice.total], ['eur', 1800])
})

test('a coupon lowers the first invoice', async () => {
  const payer = await createPayer()
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' })
  const subscription = await subscribe(payer, await createPrice(2000), {
    discounts: [{ coupon: coupon.id }],
    expand: ['latest_invoice.discounts'],
  })
  const invoice = subscription.latest_invoice
  assert.deepEqual([invoice.subtotal, invoice.total], [2000, 1500])
  assert.equal(invoice.total_discount_amounts[0].amount, 500)
  assert.equal(invoice.discounts[0].source.coupon, coupon.id)
  assert.equal((await stripe.coupons.retrieve(coupon.id)).times_redeemed, 1)
})

test('a promotion code works like its coupon; one used up does not', async () => {
  const coupon = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'forever' })
  const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, max_redemptions: 1 })
  const price = await createPrice(2000)
  const discounts = [{ promotion_code: code.id }]
  const subscription = await subscribe(await createPayer(), price, { discounts, expand: ['latest_invoice'] })
  assert.equal(subscription.latest_invoice.total, 1500)
  await invalid(subscribe(await createPayer(), price, { discounts }))
})

test('an exclusive tax is added, an inclusive one is contained', async () => {
  const price = await createPrice(1000)
  const rate = (inclusive) => stripe.taxRates.create({ display_name: 'VAT', percentage: 10, inclusive })
  const invoiceWith = async (taxRate) =>
    (await subscribe(await createPayer(), price, { default_tax_rates: [taxRate.id], expand: ['latest_invoice'] })).latest_invoice
  const added = await invoiceWith(await rate(false))
  assert.deepEqual([added.total, added.total_excluding_tax, added.total_taxes[0].amount], [1100, 1000, 100])
  const contained = await invoiceWith(await rate(true))
  // 1000 × 10 / 110 = 90.9
  assert.deepEqual([contained.total, contained.total_taxes[0].amount], [1000, 91])
})

test('nobody to pay, nothing to subscribe to', async () => {
  const customer = await createCustomer()
  const price = await createPrice(2500)
  const error = await invalid(subscribe(customer, price), { statusCode: 400, code: 'resource_missing' })
  assert.match(error.message, /This customer has no attached payment source or default payment method/)
  const payer = await createPayer()
  await invalid(subscribe(payer, { id: 'invalid' }), {
    statusCode: 400,
    code: 'resource_missing',
    param: 'items[0][price]',
    message: "No such price: 'invalid'",
  })
  await invalid(subscribe({ id: 'cus_none' }, price), { code: 'resource_missing', param: 'customer' })
  await invalid(stripe.subscriptions.create({ customer: payer.id }))
  const once = await createPrice(100, { recurring: undefined })
  await invalid(subscribe(payer, once), { statusCode: 400 })
})

test('default_incomplete waits for the client to confirm', async () => {
  const customer = await createCustomer()
  const subscription = await subscribe(customer, await createPrice(2500), {
    payment_behavior: 'default_incomplete',
    expand: ['latest_invoice.confirmation_secret', 'latest_invoice.payments'],
  })
  assert.equal(subscription.status, 'incomplete')
  const invoice = subscription.latest_invoice
  assert.equal(invoice.status, 'open')
  const [payment] = invoice.payments.data
  assert.equal(payment.status, 'open')
  const intent = payment.payment.payment_intent
  assert.ok(invoice.confirmation_secret.client_secret.startsWith(`${intent}_secret_`))
  await stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa', return_url: 'https://example.com/' })
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'active')
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'paid')
})

test('allow_incomplete keeps a subscription whose first payment fails', async () => {
  const payer = await createPayer({}, 'pm_card_chargeCustomerFail')
  const subscription = await subscribe(payer, await createPrice(2500), { expand: ['latest_invoice'] })
  assert.equal(subscription.status, 'incomplete')
  const invoice = subscription.latest_invoice
  assert.deepEqual([invoice.status, invoice.attempted, invoice.next_payment_attempt], ['open', true, null])
  await useCard(payer.id, 'pm_card_visa')
  assert.equal((await stripe.invoices.pay(invoice.id)).status, 'paid')
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'active')
})

test('error_if_incomplete leaves nothing behind', async () => {
  const payer = await createPayer({}, 'pm_card_chargeCustomerFail')
  const price = await createPrice(2500)
  await declined(subscribe(payer, price, { payment_behavior: 'error_if_incomplete' }), { statusCode: 402, code: 'card_declined' })
  assert.equal((await stripe.subscriptions.list({ customer: payer.id, status: 'all' })).data.length, 0)
  assert.equal((await stripe.invoices.list({ customer: payer.id })).data.length, 0)
})

test('an incomplete subscription can be labelled and canceled, not changed', async () => {
  const customer = await createCustomer()
  const price = await createPrice(2500)
  const subscription = await subscribe(customer, price, { payment_behavior: 'default_incomplete' })
  const [item] = subscription.items.data
  assert.equal((await stripe.subscriptions.update(subscription.id, { metadata: { a: '1' } })).metadata.a, '1')
  await invalid(stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, quantity: 2 }] }))
  assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, 'canceled')
})

test('a first payment not made within 23 hours comes too late', async () => {
  const { clock, payer } = await payerOnClock('2026-03-01T00:00:00Z', 'pm_card_chargeCustomerFail')
  const { id, latest_invoice } = await subscribe(payer, await createPrice(2500))
  await advance(clock, '2026-03-01T22:59:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'incomplete')
  await advance(clock, '2026-03-01T23:01:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'incomplete_expired')
  assert.equal((await stripe.invoices.retrieve(latest_invoice)).status, 'void')
})

test('a trial is free and moves the anchor to its end', async () => {
  const { payer } = await payerOnClock('2026-01-01T00:00:00Z')
  const subscription = await subscribe(payer, await createPrice(2500, { name: 'Team' }), {
    trial_period_days: 14,
    expand: ['latest_invoice'],
  })
  assert.equal(subscription.status, 'trialing')
  assert.deepEqual([subscription.trial_start, subscription.trial_end], [unix('2026-01-01T00:00:00Z'), unix('2026-01-15T00:00:00Z')])
  assert.equal(subscription.billing_cycle_anchor, subscription.trial_end)
  assert.deepEqual(period(subscription), [subscription.trial_start, subscription.trial_end])
  const invoice = subscription.latest_invoice
  assert.deepEqual([invoice.status, invoice.total, invoice.attempt_count], ['paid', 0, 0])
  assert.match(invoice.lines.data[0].description, /^Free trial for 1 × Team/)
})

test('after the trial the first month is billed', async () => {
  const { clock, payer } = await payerOnClock('2026-01-01T00:00:00Z')
  const { id } = await subscribe(payer, await createPrice(2500), { trial_period_days: 14 })
  await advance(clock, '2026-01-15T02:00:00Z')
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
  assert.equal(subscription.status, 'active')
  assert.deepEqual(period(subscription), [unix('2026-01-15T00:00:00Z'), unix('2026-02-15T00:00:00Z')])
  assert.deepEqual([subscription.latest_invoice.status, subscription.latest_invoice.total], ['paid', 2500])
  assert.equal(subscription.latest_invoice.billing_reason, 'subscription_cycle')
})

test('a trial can be ended at once', async () => {
  const payer = await createPayer()
  const { id } = await subscribe(payer, await createPrice(2500), { trial_period_days: 14 })
  const subscription = await stripe.subscriptions.update(id, { trial_end: 'now', expand: ['latest_invoice'] })
  assert.equal(subscription.status, 'active')
  assert.equal(subscription.latest_invoice.total, 2500)
})

// What happens at the end of a trial for which nobody can pay.
for (const [missing_payment_method, status] of [['cancel', 'canceled'], ['pause', 'paused']])
  test(`a trial that ends without a card: ${missing_payment_method}`, async () => {
    const clock = await createClock('2026-01-01T00:00:00Z')
    const customer = await createCustomer({ test_clock: clock.id })
    const { id, status: before } = await subscribe(customer, await createPrice(2500), {
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method } },
    })
    assert.equal(before, 'trialing')
    await advance(clock.id, '2026-01-08T02:00:00Z')
    assert.equal((await stripe.subscriptions.retrieve(id)).status, status)
  })

for (const [missing_payment_method, status, event] of [
  ['cancel', 'canceled', 'customer.subscription.deleted'],
  ['pause', 'paused', 'customer.subscription.paused'],
])
  test(`a trial without a card that is ended now: ${missing_payment_method}`, async () => {
    const { id } = await subscribe(await createCustomer(), await createPrice(2500), {
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method } },
    })
    const ended = await stripe.subscriptions.update(id, { trial_end: 'now' })
    assert.equal(ended.status, status)
    const events = await stripe.events.list({ type: event })
    assert.ok(events.data.some((each) => each.data.object.id === id))
    // Nothing was billed beside the trial.
    assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
  })

test('a subscription paused at the end of its trial bills from its resumption on', async () => {
  const customer = await createCustomer()
  const { id } = await subscribe(customer, await createPrice(2500), {
    trial_period_days: 7,
    trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
  })
  await stripe.subscriptions.update(id, { trial_end: 'now' })
  await useCard(customer.id, 'pm_card_visa')
  const resumed = await stripe.subscriptions.resume(id, { expand: ['latest_invoice'] })
  assert.equal(resumed.status, 'active')
  assert.equal(resumed.latest_invoice.total, 2500)
})

test('a customer subscribes in one currency at a time', async () => {
  const payer = await createPayer()
  const { id } = await subscribe(payer, await createPrice(2000))
  const euros = await createPrice(1800, { currency: 'eur' })
  const error = await invalid(subscribe(payer, euros), { statusCode: 400 })
  assert.match(error.message, /^You cannot combine currencies on a single customer\..* with currency usd\.$/)
  assert.equal(error.code, undefined)
  const session = { mode: 'subscription', customer: payer.id, success_url: 'https://shop.example.com', line_items: [{ price: euros.id, quantity: 1 }] }
  await invalid(stripe.checkout.sessions.create(session))
  // One-off invoices may be in any currency.
  const invoice = await stripe.invoices.create({ customer: payer.id, currency: 'eur' })
  assert.equal(invoice.currency, 'eur')
  await stripe.subscriptions.cancel(id)
  assert.equal((await subscribe(payer, euros)).currency, 'eur')
  assert.equal((await stripe.customers.retrieve(payer.id)).currency, 'eur')
})

test("an item's own tax rates stand for the subscription's", async () => {
  const rate = (percentage) => stripe.taxRates.create({ display_name: 'VAT', percentage, inclusive: false })
  const [full, reduced] = [await rate(20), await rate(5)]
  const [book, course] = [await createPrice(1000), await createPrice(2000)]
  const { latest_invoice, items } = await stripe.subscriptions.create({
    customer: (await createPayer()).id,
    items: [{ price: book.id, tax_rates: [reduced.id] }, { price: course.id }],
    default_tax_rates: [full.id],
    expand: ['latest_invoice'],
  })
  assert.deepEqual(items.data.map((item) => item.tax_rates.map((each) => each.id)), [[reduced.id], []])
  // 1000 × 5 % + 2000 × 20 %
  assert.equal(latest_invoice.total, 3450)
  const taxes = Object.fromEntries(latest_invoice.total_taxes.map((tax) => [tax.tax_rate_details.tax_rate, tax.amount]))
  assert.deepEqual(taxes, { [reduced.id]: 50, [full.id]: 400 })
})

test('a paused subscription is resumed and paid', async () => {
  const payer = await createPayer()
  const { id } = await subscribe(payer, await createPrice(2500))
  const paused = await stripe.subscriptions.pause(id, { type: 'subscription' })
  assert.equal(paused.status, 'paused')
  const resumed = await stripe.subscriptions.resume(id, { billing_cycle_anchor: { type: 'now' } })
  assert.equal(resumed.status, 'active')
})

test('pausing collection leaves the status alone', async () => {
  const payer = await createPayer()
  const { id } = await subscribe(payer, await createPrice(2500))
  const paused = await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } })
  assert.deepEqual([paused.status, paused.pause_collection.behavior], ['active', 'void'])
  assert.equal((await stripe.subscriptions.update(id, { pause_collection: '' })).pause_collection, null)
})

test('canceled at once, a subscription is over', async () => {
  const payer = await createPayer()
  const { id } = await subscribe(payer, await createPrice(2500))
  const canceled = await stripe.subscriptions.cancel(id, { cancellation_details: { comment: 'Too dear', feedback: 'too_expensive' } })
  assert.equal(canceled.status, 'canceled')
  assert.equal(canceled.ended_at, canceled.canceled_at)
  assert.deepEqual(
    [canceled.cancellation_details.reason, canceled.cancellation_details.feedback, canceled.cancellation_details.comment],
    ['cancellation_requested', 'too_expensive', 'Too dear'],
  )
  await invalid(stripe.subscriptions.cancel(id))
  await invalid(stripe.subscriptions.update(id, { cancel_at_period_end: true }))
  assert.equal((await stripe.subscriptions.update(id, { metadata: { late: 'yes' } })).metadata.late, 'yes')
})

test('canceled with prorate and invoice_now, the unused time becomes credit', async () => {
  const { clock, payer } = await payerOnClock('2026-04-01T00:00:00Z')
  const { id } = await subscribe(payer, await createPrice(3000))
  await advance(clock, '2026-04-16T00:00:00Z')
  await stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true })
  // 15 of April's 30 days are left.
  assert.equal((await stripe.customers.retrieve(payer.id)).balance, -1500)
})

test('cancel_at_period_end is a wish that can be taken back', async () => {
  const payer = await createPayer()
  const { id, ...subscription } = await subscribe(payer, await createPrice(2500))
  const leaving = await stripe.subscriptions.update(id, { cancel_at_period_end: true })
  assert.equal(leaving.status, 'active')
  assert.equal(leaving.cancel_at, period(subscription)[1])
  assert.ok(leaving.canceled_at > 0)
  assert.equal(leaving.cancellation_details.reason, 'cancellation_requested')
  const staying = await stripe.subscriptions.update(id, { cancel_at_period_end: false })
  assert.deepEqual([staying.cancel_at, staying.canceled_at, staying.cancellation_details.reason], [null, null, null])
})

test('at the end of its period a leaving subscription ends, unbilled', async () => {
  const { clock, payer } = await payerOnClock('2026-01-15T00:00:00Z')
  const { id } = await subscribe(payer, await createPrice(2500))
  await stripe.subscriptions.update(id, { cancel_at_period_end: true })
  await advance(clock, '2026-02-14T23:59:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
  await advance(clock, '2026-02-15T02:00:00Z')
  const ended = await stripe.subscriptions.retrieve(id)
  assert.deepEqual([ended.status, ended.ended_at], ['canceled', unix('2026-02-15T00:00:00Z')])
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
})

test('cancel_at names another day', async () => {
  const { clock, payer } = await payerOnClock('2026-01-15T00:00:00Z')
  const { id } = await subscribe(payer, await createPrice(2500))
  const leaving = await stripe.subscriptions.update(id, { cancel_at: unix('2026-01-20T00:00:00Z'), proration_behavior: 'none' })
  assert.equal(leaving.cancel_at, unix('2026-01-20T00:00:00Z'))
  await advance(clock, '2026-01-20T01:00:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'canceled')
})

test('a future anchor bills the days before it', async () => {
  const { payer } = await payerOnClock('2026-04-16T00:00:00Z')
  const price = await createPrice(3000)
  const anchor = { billing_cycle_anchor: unix('2026-05-01T00:00:00Z'), expand: ['latest_invoice'] }
  const prorated = await subscribe(payer, price, anchor)
  // 15 of the 30 days from 1 April to 1 May.
  assert.equal(prorated.latest_invoice.total, 1500)
  assert.deepEqual(period(prorated), [unix('2026-04-16T00:00:00Z'), unix('2026-05-01T00:00:00Z')])
  const free = await subscribe(payer, price, { ...anchor, proration_behavior: 'none' })
  assert.equal(free.latest_invoice?.total ?? 0, 0)
})

test('a subscription by invoice is active before it is paid', async () => {
  const customer = await createCustomer()
  const subscription = await subscribe(customer, await createPrice(2500), { collection_method: 'send_invoice', days_until_due: 30 })
  assert.deepEqual([subscription.status, subscription.collection_method, subscription.days_until_due], ['active', 'send_invoice', 30])
  await invalid(subscribe(customer, await createPrice(2500), { collection_method: 'send_invoice' }), { param: 'days_until_due' })
})

test('subscriptions are listed by customer, price and status; canceled ones only when asked for', async () => {
  const payer = await createPayer()
  const [first, second] = [await createPrice(1000), await createPrice(2000)]
  const kept = await subscribe(payer, first)
  const gone = await subscribe(payer, second)
  await stripe.subscriptions.cancel(gone.id)
  const ids = async (fields) => (await stripe.subscriptions.list({ customer: payer.id, ...fields })).data.map((each) => each.id)
  assert.deepEqual(await ids(), [kept.id])
  assert.deepEqual(await ids({ status: 'all' }), [gone.id, kept.id])
  assert.deepEqual(await ids({ status: 'canceled' }), [gone.id])
  assert.deepEqual(await ids({ price: second.id }), [])
  assert.deepEqual(await ids({ price: second.id, status: 'all' }), [gone.id])
})

test('a subscription is found by its metadata, and expands into its customer and product', async () => {
  const payer = await createPayer({ name: 'Expanded Payer' })
  const { id } = await subscribe(payer, await createPrice(1000, { name: 'Deep' }), { metadata: { line: 'searched' } })
  const found = await stripe.subscriptions.search({ query: "metadata['line']:'searched'" })
  assert.deepEqual(found.data.map((each) => each.id), [id])
  const expanded = await stripe.subscriptions.retrieve(id, { expand: ['customer', 'items.data.price.product', 'default_payment_method'] })
  assert.equal(expanded.customer.name, 'Expanded Payer')
  assert.equal(expanded.items.data[0].price.product.name, 'Deep')
})

test('deleting a customer ends its subscriptions', async () => {
  const payer = await createPayer()
  const { id } = await subscribe(payer, await createPrice(2500))
  await stripe.customers.del(payer.id)
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'canceled')
})

test('a discount can be taken away from a running subscription', async () => {
  const payer = await createPayer()
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'forever' })
  const { id, discounts } = await subscribe(payer, await createPrice(2000), { discounts: [{ coupon: coupon.id }] })
  assert.equal(discounts.length, 1)
  await stripe.subscriptions.deleteDiscount(id)
  assert.deepEqual((await stripe.subscriptions.retrieve(id)).discounts, [])
  assert.equal((await stripe.invoices.createPreview({ customer: payer.id, subscription: id })).total, 2000)
})

test('the classic billing mode is left once and for all', async () => {
  const payer = await createPayer()
  const { id, billing_mode: mode } = await subscribe(payer, await createPrice(2000), { billing_mode: { type: 'classic' } })
  assert.equal(mode.type, 'classic')
  const migrated = await stripe.subscriptions.migrate(id, { billing_mode: { type: 'flexible' } })
  assert.equal(migrated.billing_mode.type, 'flexible')
  await invalid(stripe.subscriptions.migrate(id, { billing_mode: { type: 'flexible' } }))
})
