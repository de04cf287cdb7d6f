// Changing a running subscription. April has 30 days and the change comes after 15 of them, so half of each price is left.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, createClock, createPayer, createPrice, declined, invalid, stripe, unix, useCard } from './sandbox.js'

const start = '2026-04-01T00:00:00Z'
const halfway = '2026-04-16T00:00:00Z'
const end = '2026-05-01T00:00:00Z'

/// Half a month into the starter plan of 30.00; the pro plan costs 50.00.
async function midMonth(fields = {}) {
  const clock = (await createClock(start)).id
  const payer = await createPayer({ test_clock: clock })
  const starter = await createPrice(3000, { name: 'Starter' })
  const pro = await createPrice(5000, { name: 'Pro' })
  const created = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: starter.id }], ...fields })
  await advance(clock, halfway)
  return { clock, payer, starter, pro, id: created.id, item: created.items.data[0].id }
}

const lineAmounts = (invoice) => invoice.lines.data.map((line) => line.amount).sort((a, b) => a - b)

async function pendingAmounts(customer) {
  const { data } = await stripe.invoiceItems.list({ customer, pending: true })
  return data.map((item) => item.amount).sort((a, b) => a - b)
}

test('itemized prorations show what the discount took off', async () => {
  const clock = await createClock('2026-01-01T00:00:00Z')
  const payer = await createPayer({ test_clock: clock.id })
  const [starter, pro] = [await createPrice(3100), await createPrice(6200)]
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' })
  const { id, items } = await stripe.subscriptions.create({
    customer: payer.id,
    items: [{ price: starter.id }],
    discounts: [{ coupon: coupon.id }],
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'itemized' } },
  })
  await advance(clock.id, '2026-01-16T00:00:00Z')
  const { latest_invoice, discounts } = await stripe.subscriptions.update(id, {
    items: [{ id: items.data[0].id, price: pro.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })
  // 16 of 31 days: -1600 and 3200, each less 10 %
  const shown = latest_invoice.lines.data.map((line) => [line.amount, line.discount_amounts.map((off) => [off.amount, off.discount])])
  assert.deepEqual(shown.sort(([a], [b]) => a - b), [[-1600, [[-160, discounts[0]]]], [3200, [[320, discounts[0]]]]])
  assert.deepEqual([latest_invoice.subtotal, latest_invoice.total], [1600, 1440])
  assert.deepEqual(latest_invoice.total_discount_amounts.map((off) => off.amount), [160])
  const credit = latest_invoice.lines.data.find((line) => line.amount < 0).parent.subscription_item_details
  const item = await stripe.invoiceItems.retrieve(credit.invoice_item)
  assert.deepEqual([item.amount, item.net_amount], [-1600, -1440])
  assert.deepEqual(item.proration_details.discount_amounts.map((off) => off.amount), [-160])
})

test('always_invoice bills the difference at once', async () => {
  const { id, item, pro } = await midMonth()
  const subscription = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: pro.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })
  const invoice = subscription.latest_invoice
  assert.equal(subscription.items.data[0].price.id, pro.id)
  assert.equal(subscription.items.data[0].id, item, 'the item keeps its id')
  assert.equal(subscription.items.data[0].current_period_end, unix(end), 'the period stays')
  assert.equal(invoice.billing_reason, 'subscription_update')
  assert.deepEqual(lineAmounts(invoice), [-1500, 2500])
  assert.deepEqual([invoice.total, invoice.status], [1000, 'paid'])
})

test('the two lines say what they are', async () => {
  const { id, item, starter, pro } = await midMonth()
  const subscription = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: pro.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })
  const [credit, debit] = [...subscription.latest_invoice.lines.data].sort((a, b) => a.amount - b.amount)
  assert.equal(credit.description, 'Unused time on Starter after 16 Apr 2026')
  assert.equal(debit.description, 'Remaining time on Pro after 16 Apr 2026')
  for (const line of [credit, debit]) {
    assert.deepEqual([line.period.start, line.period.end], [unix(halfway), unix(end)])
    assert.equal(line.discountable, false)
    assert.equal(line.parent.subscription_item_details.proration, true)
    assert.equal(line.parent.subscription_item_details.subscription_item, item)
  }
  assert.equal(credit.pricing.price_details.price, starter.id)
  assert.equal(debit.pricing.price_details.price, pro.id)
  const { credited_items: credited } = credit.parent.subscription_item_details.proration_details
  assert.match(credited.invoice, /^in_/)
  assert.equal(credited.invoice_line_items.length, 1)
  assert.equal(debit.parent.subscription_item_details.proration_details.credited_items, null)
})

test('create_prorations leaves the difference for the renewal', async () => {
  const { clock, payer, id, item, pro } = await midMonth()
  await stripe.subscriptions.update(id, { items: [{ id: item, price: pro.id }] })
  assert.deepEqual(await pendingAmounts(payer.id), [-1500, 2500])
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1, 'no invoice yet')
  await advance(clock, '2026-05-01T02:00:00Z')
  const [renewal] = (await stripe.invoices.list({ subscription: id, limit: 1 })).data
  assert.deepEqual(lineAmounts(renewal), [-1500, 2500, 5000])
  assert.deepEqual([renewal.billing_reason, renewal.total, renewal.status], ['subscription_cycle', 6000, 'paid'])
  assert.deepEqual(await pendingAmounts(payer.id), [])
})

test('none changes the plan and bills nothing for this month', async () => {
  const { payer, id, item, pro } = await midMonth()
  const subscription = await stripe.subscriptions.update(id, { items: [{ id: item, price: pro.id }], proration_behavior: 'none' })
  assert.equal(subscription.items.data[0].price.id, pro.id)
  assert.deepEqual(await pendingAmounts(payer.id), [])
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
})

test('a preview shows to the cent what the change then costs, and changes nothing', async () => {
  const { clock, payer, id, item, pro } = await midMonth()
  const proration_date = unix('2026-04-16T06:30:07Z')
  await advance(clock, proration_date)
  const preview = await stripe.invoices.createPreview({
    customer: payer.id,
    subscription: id,
    subscription_details: { items: [{ id: item, price: pro.id }], proration_behavior: 'always_invoice', proration_date },
  })
  const left = unix(end) - proration_date
  const whole = unix(end) - unix(start)
  assert.deepEqual(lineAmounts(preview), [-Math.round((3000 * left) / whole), Math.round((5000 * left) / whole)])
  assert.deepEqual(await pendingAmounts(payer.id), [])
  assert.notEqual((await stripe.subscriptions.retrieve(id)).items.data[0].price.id, pro.id)
  await advance(clock, proration_date + 600)
  const changed = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: pro.id }],
    proration_behavior: 'always_invoice',
    proration_date,
    expand: ['latest_invoice'],
  })
  assert.deepEqual(lineAmounts(changed.latest_invoice), lineAmounts(preview))
  assert.equal(changed.latest_invoice.amount_due, preview.amount_due)
})

test('without a change, the preview is the next renewal', async () => {
  const { payer, id } = await midMonth()
  const preview = await stripe.invoices.createPreview({ customer: payer.id, subscription: id })
  assert.equal(preview.total, 3000)
  assert.equal(preview.billing_reason, 'upcoming')
  assert.equal(preview.lines.data[0].period.start, unix(end))
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
})

test('a date outside the current period is refused', async () => {
  const { id, item, pro } = await midMonth()
  const change = (proration_date) => stripe.subscriptions.update(id, { items: [{ id: item, price: pro.id }], proration_date })
  await invalid(change(unix(start) - 1), { param: 'proration_date' })
  await invalid(change(unix(end) + 1), { param: 'proration_date' })
})

test('more seats: the old number is credited, the new one debited', async () => {
  const { id, item } = await midMonth()
  const subscription = await stripe.subscriptions.update(id, {
    items: [{ id: item, quantity: 3 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })
  assert.equal(subscription.items.data[0].quantity, 3)
  // -(1 × 3000) / 2 and (3 × 3000) / 2
  assert.deepEqual(lineAmounts(subscription.latest_invoice), [-1500, 4500])
})

test('the same price and quantity cost nothing', async () => {
  const { payer, id, item, starter } = await midMonth()
  await stripe.subscriptions.update(id, { items: [{ id: item, price: starter.id, quantity: 1 }] })
  assert.deepEqual(await pendingAmounts(payer.id), [])
})

test('a downgrade becomes credit for the next invoice, never a refund', async () => {
  const { clock, payer, id, item, pro, starter } = await midMonth()
  await stripe.subscriptions.update(id, { items: [{ id: item, price: pro.id }], proration_behavior: 'none' })
  await advance(clock, '2026-05-01T02:00:00Z')
  await advance(clock, '2026-05-16T12:00:00Z')
  await stripe.subscriptions.update(id, {
    items: [{ id: item, price: starter.id }],
    proration_behavior: 'always_invoice',
    proration_date: unix('2026-05-16T12:00:00Z'),
  })
  // Half of May's 31 days are left: -2500 + 1500.
  assert.equal((await stripe.customers.retrieve(payer.id)).balance, -1000)
  assert.equal((await stripe.refunds.list()).data.length, 0)
  await advance(clock, '2026-06-01T02:00:00Z')
  const [renewal] = (await stripe.invoices.list({ subscription: id, limit: 1 })).data
  assert.deepEqual([renewal.total, renewal.starting_balance, renewal.amount_due], [3000, -1000, 2000])
  assert.equal((await stripe.customers.retrieve(payer.id)).balance, 0)
})

test('from month to year with the anchor at now: a whole year from today', async () => {
  const { id, item, starter } = await midMonth()
  const yearly = await createPrice(30000, { product: starter.product, recurring: { interval: 'year' } })
  const subscription = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: yearly.id }],
    billing_cycle_anchor: { type: 'now' },
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })
  assert.deepEqual(lineAmounts(subscription.latest_invoice), [-1500, 30000])
  assert.equal(subscription.billing_cycle_anchor, unix(halfway))
  assert.equal(subscription.items.data[0].current_period_end, unix('2027-04-16T00:00:00Z'))
})

test('this version wants an object for the anchor of an update', async () => {
  const { id } = await midMonth()
  await invalid(stripe.subscriptions.update(id, { billing_cycle_anchor: 'now' }))
})

test('error_if_incomplete: a change that cannot be paid does not happen', async () => {
  const { payer, id, item, starter, pro } = await midMonth()
  await useCard(payer.id, 'pm_card_chargeCustomerFail')
  await declined(
    stripe.subscriptions.update(id, {
      items: [{ id: item, price: pro.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
    { statusCode: 402, code: 'card_declined' },
  )
  const subscription = await stripe.subscriptions.retrieve(id)
  assert.equal(subscription.items.data[0].price.id, starter.id)
  assert.equal(subscription.status, 'active')
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
})

test('allow_incomplete: the change happens and the subscription is past due', async () => {
  const { payer, id, item, pro } = await midMonth()
  await useCard(payer.id, 'pm_card_chargeCustomerFail')
  const subscription = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: pro.id }],
    proration_behavior: 'always_invoice',
  })
  assert.equal(subscription.items.data[0].price.id, pro.id)
  assert.equal(subscription.status, 'past_due')
})

async function pendingUpgrade() {
  const parts = await midMonth()
  await useCard(parts.payer.id, 'pm_card_chargeCustomerFail')
  const subscription = await stripe.subscriptions.update(parts.id, {
    items: [{ id: parts.item, price: parts.pro.id }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  })
  return { ...parts, subscription }
}

test('pending_if_incomplete: the old plan holds until the change is paid', async () => {
  const { payer, id, starter, pro, subscription } = await pendingUpgrade()
  assert.equal(subscription.status, 'active')
  assert.equal(subscription.items.data[0].price.id, starter.id)
  assert.equal(subscription.pending_update.subscription_items[0].price.id, pro.id)
  assert.equal(subscription.pending_update.expires_at, unix(halfway) + 23 * 3600, '23 hours come before the period ends')
  await useCard(payer.id, 'pm_card_visa')
  assert.equal((await stripe.invoices.pay(subscription.latest_invoice)).status, 'paid')
  const applied = await stripe.subscriptions.retrieve(id)
  assert.equal(applied.items.data[0].price.id, pro.id)
  assert.equal(applied.pending_update, null)
  const [event] = (await stripe.events.list({ type: 'customer.subscription.pending_update_applied', limit: 1 })).data
  assert.equal(event.data.object.id, id)
})

test('a pending update that is never paid expires', async () => {
  const { clock, id, starter, subscription } = await pendingUpgrade()
  await advance(clock, unix(halfway) + 23 * 3600 + 60)
  const kept = await stripe.subscriptions.retrieve(id)
  assert.equal(kept.pending_update, null)
  assert.equal(kept.items.data[0].price.id, starter.id)
  assert.equal((await stripe.invoices.retrieve(subscription.latest_invoice)).status, 'void')
})

test('only what can wait may be in a pending update', async () => {
  const { id, item, pro } = await midMonth()
  await invalid(
    stripe.subscriptions.update(id, {
      items: [{ id: item, price: pro.id }],
      description: 'No',
      payment_behavior: 'pending_if_incomplete',
    }),
    { statusCode: 400 },
  )
})

test('an item is added, changed and removed by itself', async () => {
  const { id, payer } = await midMonth()
  const seats = await createPrice(400, { name: 'Seats' })
  const added = await stripe.subscriptionItems.create({ subscription: id, price: seats.id, quantity: 2, proration_behavior: 'create_prorations' })
  assert.match(added.id, /^si_/)
  assert.deepEqual(await pendingAmounts(payer.id), [400], 'half of 2 × 400')
  assert.equal((await stripe.subscriptionItems.list({ subscription: id })).data.length, 2)
  const changed = await stripe.subscriptionItems.update(added.id, { quantity: 5, proration_behavior: 'none' })
  assert.equal(changed.quantity, 5)
  assert.equal((await stripe.subscriptionItems.retrieve(added.id)).price.id, seats.id)
  assert.equal((await stripe.subscriptionItems.del(added.id, { proration_behavior: 'none' })).deleted, true)
  assert.equal((await stripe.subscriptions.retrieve(id)).items.data.length, 1)
})

test('an item removed in an update is credited for the rest', async () => {
  const { id, payer, item } = await midMonth()
  const seats = await createPrice(400, { name: 'Seats' })
  await stripe.subscriptions.update(id, { items: [{ price: seats.id }], proration_behavior: 'none' })
  await stripe.subscriptions.update(id, { items: [{ id: item, deleted: true }] })
  assert.deepEqual(await pendingAmounts(payer.id), [-1500])
})

test('the last item cannot go', async () => {
  const { id, item } = await midMonth()
  await invalid(stripe.subscriptions.update(id, { items: [{ id: item, deleted: true }] }))
  await invalid(stripe.subscriptionItems.del(item))
})

test('metadata and a new card cost nothing', async () => {
  const { id, payer } = await midMonth()
  const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: payer.id })
  const subscription = await stripe.subscriptions.update(id, { default_payment_method: method.id, metadata: { a: '1' } })
  assert.equal(subscription.default_payment_method, method.id)
  assert.deepEqual(await pendingAmounts(payer.id), [])
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
})

test('a change during a trial makes no prorations', async () => {
  const { id, item, payer, pro } = await midMonth({ trial_end: unix('2026-04-30T00:00:00Z') })
  const subscription = await stripe.subscriptions.update(id, { items: [{ id: item, price: pro.id }] })
  assert.equal(subscription.status, 'trialing')
  assert.deepEqual(await pendingAmounts(payer.id), [])
})
