// Time: test clocks, renewals, payments that fail and are tried again, usage billed in arrears.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  address,
  advance,
  createClock,
  createCustomer,
  createPayer,
  createPrice,
  day,
  eventually,
  invalid,
  stripe,
  submitForm,
  unix,
  useCard,
} from './sandbox.js'

async function subscribedAt(at, fields = {}, price = undefined) {
  const clock = (await createClock(at)).id
  const payer = await createPayer({ test_clock: clock })
  price ??= await createPrice(2500)
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: price.id }], ...fields })
  return { clock, payer, price, id: subscription.id, item: subscription.items.data[0].id }
}

const newest = async (subscription) => (await stripe.invoices.list({ subscription, limit: 1 })).data[0]
const eventsAbout = async (type, id) =>
  (await stripe.events.list({ type, limit: 100 })).data.filter((event) => event.data.object.id === id)

test('a clock stands still until it is advanced, and then says ready', async () => {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: unix('2026-01-01T00:00:00Z'), name: 'Story' })
  assert.match(clock.id, /^clock_/)
  assert.deepEqual([clock.status, clock.name, clock.frozen_time], ['ready', 'Story', unix('2026-01-01T00:00:00Z')])
  const advancing = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: unix('2026-01-02T00:00:00Z') })
  assert.equal(advancing.status, 'advancing')
  const ready = await eventually(
    () => stripe.testHelpers.testClocks.retrieve(clock.id),
    ({ status }) => status !== 'advancing',
    'the clock',
  )
  assert.deepEqual([ready.status, ready.frozen_time], ['ready', unix('2026-01-02T00:00:00Z')])
  assert.ok((await eventsAbout('test_helpers.test_clock.ready', clock.id)).length > 0)
})

test('a clock goes only forward, and not too far at once', async () => {
  const { clock } = await subscribedAt('2026-01-01T00:00:00Z')
  const to = (at) => stripe.testHelpers.testClocks.advance(clock, { frozen_time: unix(at) })
  await invalid(to('2025-12-31T00:00:00Z'), { param: 'frozen_time' })
  await invalid(to('2026-01-01T00:00:00Z'), { param: 'frozen_time' })
  await invalid(to('2026-03-02T00:00:00Z'), { param: 'frozen_time' }, 'two intervals of a monthly price')
})

test('a clock takes its customers with it when it is deleted', async () => {
  const { clock, payer, id } = await subscribedAt('2026-01-01T00:00:00Z')
  assert.equal((await stripe.testHelpers.testClocks.del(clock)).deleted, true)
  assert.equal((await stripe.customers.retrieve(payer.id)).deleted, true)
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'canceled')
})

test('a clock has room for three customers, and they are seen only when asked for', async () => {
  const clock = await createClock('2026-01-01T00:00:00Z')
  const email = 'clocked@example.com'
  for (let i = 0; i < 3; ++i) await createCustomer({ test_clock: clock.id, email })
  await invalid(createCustomer({ test_clock: clock.id }))
  assert.equal((await stripe.customers.list({ test_clock: clock.id })).data.length, 3)
  assert.ok((await stripe.customers.list({ limit: 100 })).data.every((customer) => customer.test_clock === null))
})

test('a renewal is drafted at the boundary and paid an hour later', async () => {
  const { clock, payer, id } = await subscribedAt('2026-01-15T00:00:00Z')
  await advance(clock, '2026-02-15T00:30:00Z')
  const drafted = await newest(id)
  assert.deepEqual([drafted.status, drafted.billing_reason, drafted.number], ['draft', 'subscription_cycle', null])
  assert.deepEqual([drafted.period_start, drafted.period_end], [unix('2026-01-15T00:00:00Z'), unix('2026-02-15T00:00:00Z')], 'the month that ended')
  const [line] = drafted.lines.data
  assert.deepEqual([line.period.start, line.period.end], [unix('2026-02-15T00:00:00Z'), unix('2026-03-15T00:00:00Z')], 'the month to come')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
  await advance(clock, '2026-02-15T01:30:00Z')
  const paid = await stripe.invoices.retrieve(drafted.id)
  assert.deepEqual([paid.status, paid.total, paid.number], ['paid', 2500, `${payer.invoice_prefix}-0002`])
})

test('a drafted renewal can still be added to', async () => {
  const { clock, payer, id } = await subscribedAt('2026-01-15T00:00:00Z')
  await advance(clock, '2026-02-15T00:30:00Z')
  const drafted = await newest(id)
  await stripe.invoiceItems.create({ customer: payer.id, invoice: drafted.id, amount: 500, currency: 'usd' })
  await advance(clock, '2026-02-15T01:30:00Z')
  assert.equal((await stripe.invoices.retrieve(drafted.id)).amount_paid, 3000)
})

test('a month that lacks the day ends on its last one, and the day comes back', async () => {
  const { clock, id } = await subscribedAt('2026-01-31T12:00:00Z')
  const ends = []
  for (const at of ['2026-02-28T14:00:00Z', '2026-03-31T14:00:00Z', '2026-04-30T14:00:00Z']) {
    await advance(clock, at)
    ends.push((await stripe.subscriptions.retrieve(id)).items.data[0].current_period_end)
  }
  assert.deepEqual(ends, ['2026-03-31T12:00:00Z', '2026-04-30T12:00:00Z', '2026-05-31T12:00:00Z'].map(unix))
})

test('a year from a leap day ends on 28 February', async () => {
  const price = await createPrice(20000, { recurring: { interval: 'year' } })
  const { clock, id } = await subscribedAt('2028-02-29T00:00:00Z', {}, price)
  assert.equal((await stripe.subscriptions.retrieve(id)).items.data[0].current_period_end, unix('2029-02-28T00:00:00Z'))
  await advance(clock, '2029-02-28T02:00:00Z')
  assert.equal((await newest(id)).total, 20000)
})

test('weeks and several months are intervals too', async () => {
  const weekly = await subscribedAt('2026-01-01T00:00:00Z', {}, await createPrice(500, { recurring: { interval: 'week' } }))
  const quarterly = await subscribedAt('2026-01-01T00:00:00Z', {}, await createPrice(500, { recurring: { interval: 'month', interval_count: 3 } }))
  const end = async ({ id }) => (await stripe.subscriptions.retrieve(id)).items.data[0].current_period_end
  assert.equal(await end(weekly), unix('2026-01-08T00:00:00Z'))
  assert.equal(await end(quarterly), unix('2026-04-01T00:00:00Z'))
})

test('a renewal is announced a week before, a trial\'s end three days before', async () => {
  const renewing = await subscribedAt('2026-01-01T00:00:00Z')
  await advance(renewing.clock, '2026-01-25T12:00:00Z')
  const upcoming = (await stripe.events.list({ type: 'invoice.upcoming', limit: 100 })).data.map((event) => event.data.object)
  const announced = upcoming.find((invoice) => invoice.customer === renewing.payer.id)
  assert.equal(announced.amount_due, 2500)
  assert.equal(announced.id, undefined)
  const trying = await subscribedAt('2026-01-01T00:00:00Z', { trial_period_days: 14 })
  await advance(trying.clock, '2026-01-11T23:00:00Z')
  assert.equal((await eventsAbout('customer.subscription.trial_will_end', trying.id)).length, 0)
  await advance(trying.clock, '2026-01-12T01:00:00Z')
  assert.equal((await eventsAbout('customer.subscription.trial_will_end', trying.id)).length, 1)
})

test('the boundary is told: what the period was before', async () => {
  const { clock, id } = await subscribedAt('2026-01-15T00:00:00Z')
  await advance(clock, '2026-02-15T02:00:00Z')
  const updates = await eventsAbout('customer.subscription.updated', id)
  const renewal = updates.find((event) => event.data.previous_attributes.items)
  assert.equal(renewal.data.previous_attributes.items.data[0].current_period_end, unix('2026-02-15T00:00:00Z'))
  assert.equal(renewal.data.object.items.data[0].current_period_end, unix('2026-03-15T00:00:00Z'))
  assert.equal(renewal.created, unix('2026-02-15T00:00:00Z'), "by the clock's time")
})

/// A renewal that could not be paid.
async function failedRenewal() {
  const parts = await subscribedAt('2026-01-15T00:00:00Z')
  await useCard(parts.payer.id, 'pm_card_chargeCustomerFail')
  await advance(parts.clock, '2026-02-15T02:00:00Z')
  return parts
}

test('a renewal that fails makes the subscription past due', async () => {
  const { id } = await failedRenewal()
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'past_due')
  const invoice = await newest(id)
  assert.deepEqual([invoice.status, invoice.attempted, invoice.attempt_count, invoice.amount_remaining], ['open', true, 1, 2500])
  assert.ok(invoice.next_payment_attempt > unix('2026-02-15T01:00:00Z'))
  assert.equal((await eventsAbout('invoice.payment_failed', invoice.id)).length, 1)
})

test('each retry is counted and announced', async () => {
  const { clock, id } = await failedRenewal()
  const { next_payment_attempt: first, id: invoice } = await newest(id)
  await advance(clock, first + 60)
  const tried = await stripe.invoices.retrieve(invoice)
  assert.equal(tried.attempt_count, 2)
  assert.ok(tried.next_payment_attempt > first)
  assert.equal((await eventsAbout('invoice.payment_failed', invoice)).length, 2)
})

test('a better card settles it at the next retry', async () => {
  const { clock, payer, id } = await failedRenewal()
  await useCard(payer.id, 'pm_card_visa')
  const { next_payment_attempt: next, id: invoice } = await newest(id)
  await advance(clock, next + 60)
  assert.equal((await stripe.invoices.retrieve(invoice)).status, 'paid')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
})

test('paid by hand, or written off, the subscription is active again', async () => {
  const paid = await failedRenewal()
  await useCard(paid.payer.id, 'pm_card_visa')
  await stripe.invoices.pay((await newest(paid.id)).id)
  assert.equal((await stripe.subscriptions.retrieve(paid.id)).status, 'active')
  const written = await failedRenewal()
  await stripe.invoices.markUncollectible((await newest(written.id)).id)
  assert.equal((await stripe.subscriptions.retrieve(written.id)).status, 'active')
})

test('after the last retry the subscription is canceled for non-payment', async () => {
  const { clock, id } = await failedRenewal()
  let invoice = await newest(id)
  let tries = 0
  while (invoice.next_payment_attempt !== null && ++tries < 10) {
    await advance(clock, invoice.next_payment_attempt + 60)
    invoice = await stripe.invoices.retrieve(invoice.id)
  }
  const subscription = await stripe.subscriptions.retrieve(id)
  assert.deepEqual([subscription.status, subscription.cancellation_details.reason], ['canceled', 'payment_failed'])
  assert.deepEqual([invoice.status, invoice.next_payment_attempt], ['open', null])
  assert.equal((await eventsAbout('customer.subscription.deleted', id)).length, 1)
})

test("a renewal whose bank asks fails for the moment, and the holder's answer settles it", async () => {
  const { clock, payer, id } = await subscribedAt('2026-01-15T00:00:00Z')
  await useCard(payer.id, 'pm_card_authenticationRequired')
  await advance(clock, '2026-02-15T02:00:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'past_due')
  const invoice = await newest(id)
  assert.equal((await eventsAbout('invoice.payment_action_required', invoice.id)).length, 1)
  assert.equal((await eventsAbout('invoice.payment_failed', invoice.id)).length, 1)
  const asked = await submitForm(invoice.hosted_invoice_url, { number: '4000002760003184', exp_month: '12', exp_year: '2040', cvc: '123' })
  await submitForm(new URL(asked.location, address), { challenge: 'complete' })
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'paid')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
})

test('a coupon for two months ends after them', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'repeating', duration_in_months: 2 })
  const { clock, id } = await subscribedAt('2026-01-15T00:00:00Z', { discounts: [{ coupon: coupon.id }] })
  const totals = [(await newest(id)).total]
  for (const at of ['2026-02-15T02:00:00Z', '2026-03-15T02:00:00Z']) {
    await advance(clock, at)
    totals.push((await newest(id)).total)
  }
  assert.deepEqual(totals, [1250, 1250, 2500])
})

test('a coupon for once is gone after the first invoice, one forever stays', async () => {
  for (const [duration, renewed] of [['once', 2500], ['forever', 2000]]) {
    const coupon = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration })
    const { clock, id } = await subscribedAt('2026-01-15T00:00:00Z', { discounts: [{ coupon: coupon.id }] })
    assert.equal((await newest(id)).total, 2000)
    await advance(clock, '2026-02-15T02:00:00Z')
    assert.equal((await newest(id)).total, renewed, duration)
  }
})

test('usage is billed when its period has ended', async () => {
  const meter = await stripe.billing.meters.create({ display_name: 'Calls', event_name: 'renewal_calls', default_aggregation: { formula: 'sum' } })
  const price = await createPrice(5, { recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } })
  const start = Math.floor(Date.now() / 1000) - 20 * day
  const { clock, payer, id } = await subscribedAt(new Date(start * 1000).toISOString(), {}, price)
  assert.equal((await newest(id)).total, 0, 'nothing in advance')
  await advance(clock, start + 10 * day)
  for (const value of ['30', '12'])
    await stripe.billing.meterEvents.create({
      event_name: 'renewal_calls',
      payload: { stripe_customer_id: payer.id, value },
      timestamp: start + 5 * day,
    })
  const { items } = await stripe.subscriptions.retrieve(id)
  const { current_period_start: from, current_period_end: to } = items.data[0]
  await advance(clock, to + 2 * 3600)
  const invoice = await newest(id)
  assert.deepEqual([invoice.billing_reason, invoice.total], ['subscription_cycle', 42 * 5])
  const [line] = invoice.lines.data
  assert.deepEqual([line.period.start, line.period.end, line.quantity], [from, to, 42])
})

test('while collection is paused, renewals are voided', async () => {
  const { clock, id } = await subscribedAt('2026-01-15T00:00:00Z')
  await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } })
  await advance(clock, '2026-02-15T02:00:00Z')
  assert.equal((await newest(id)).status, 'void')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
})

test('an invoice to be sent that is not paid in time makes the subscription past due', async () => {
  const { clock, id } = await subscribedAt('2026-01-15T00:00:00Z', { collection_method: 'send_invoice', days_until_due: 5 })
  await advance(clock, '2026-01-16T00:00:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
  await advance(clock, '2026-01-21T00:00:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'past_due')
  await stripe.invoices.pay((await newest(id)).id, { paid_out_of_band: true })
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'active')
})

test('clocks are listed', async () => {
  const clock = await createClock('2026-01-01T00:00:00Z')
  const clocks = await stripe.testHelpers.testClocks.list({ limit: 100 }).autoPagingToArray({ limit: 200 })
  assert.ok(clocks.some((each) => each.id === clock.id))
})
