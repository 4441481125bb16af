//! What labels mean: those of the domain first in theirs, with what other CRMs call the same.

/// A meaning that labels may have.
pub struct Semantics {
    /// The labels that have it, separated by commas.
    pub said: &'static str,
    /// Labels to take when there is none of these, the nearest first.
    pub near: &'static str,
}

const fn say(said: &'static str, near: &'static str) -> Semantics {
    Semantics { said, near }
}

/// The meanings. A label may have several.
pub const MEANINGS: &[Semantics] = &[
    // What deals go through.
    say(
        "new_lead, lead, new, prospecting, prospect, qualified, new opportunity, identified, inbound, \
         incoming, backlog, appointment scheduled, intake, unqualified, 1 lead",
        "open, active, pipeline, initial_outreach, discovery, todo",
    ),
    say(
        "initial_outreach, contacted, outreach, contact made, contact, first contact, initial contact, \
         attempted contact, engaged, connected, reached out, introduction, qualification, qualifying",
        "qualified to buy, discovery, qualified, prospecting, new_lead, open, active, in_progress",
    ),
    say(
        "sample_visit_offered, sample, sample sent, sampling, samples, sample offered, sample visit, site \
         visit, visit, visit offered, tasting, trial, proposal, proposal sent, proposal made, proposed, \
         quote, quoted, quote sent, proposal price quote, price quote, offer, offered",
        "needs analysis, demo_scheduled, qualified, initial_outreach, in_progress, active, open",
    ),
    say(
        "discovery, needs analysis, value proposition, qualified to buy, needs assessment, research, \
         evaluation of needs, id decision makers",
        "initial_outreach, in_progress",
    ),
    say(
        "awaiting_response, waiting, pending, awaiting reply, awaiting decision, awaiting \
         feedback, pending decision, pending response, no response, decision pending, waiting for \
         response, follow up, followup, following up, decision",
        "proposal sent, quoted, negotiation, initial_outreach, in_progress, active, open",
    ),
    say(
        "feedback_logged, feedback, feedback received, evaluation, evaluating, in review, review, under \
         review, negotiation, negotiating, negotiation review, perception analysis, response received, \
         decision maker bought in, consideration",
        "demo_scheduled, proposal, awaiting_response, in_progress, active, open",
    ),
    say(
        "demo_scheduled, demo, demonstration, demo booked, demo completed, presentation, presented, \
         presentation scheduled, meeting scheduled, meeting, meeting booked, meeting set, product demo",
        "contract, negotiation, proposal, qualified, in_progress, active, open",
    ),
    say(
        "contract, contract sent, contracting, verbal commit, verbal agreement, commitment, final \
         negotiation",
        "negotiation",
    ),
    say(
        "closed_won, won, win, deal won, sold, signed, converted, close won, successful, success, \
         ordered, first order, accepted, customer won",
        "closed, done, customer, inactive",
    ),
    say(
        "closed_lost, lost, loss, deal lost, close lost, rejected, declined, disqualified, unsuccessful, \
         failed, dead, no sale",
        "closed, cancelled, done, inactive, archived",
    ),
    // How things stand.
    say(
        "active, open, live, enabled, current, ongoing, running, available, published, in stock",
        "in_progress, pipeline, new, todo",
    ),
    say(
        "on_hold, hold, paused, suspended, deferred, stalled, waiting, pending, postponed, parked, \
         inactive, blocked, dormant, snoozed",
        "active, in_progress, closed",
    ),
    say(
        "closed, done, complete, completed, finished, ended, concluded, resolved, inactive, terminated",
        "won, archived, lost, cancelled",
    ),
    say(
        "open, todo, to do, not started, pending, new, planned, backlog, scheduled, queued, unstarted, \
         incomplete",
        "active, in_progress",
    ),
    say(
        "in_progress, started, doing, working, wip, underway, under way, active, ongoing, work in \
         progress, processing",
        "open",
    ),
    say("done, complete, completed, finished, closed, resolved, fulfilled", "archived, inactive"),
    say(
        "cancelled, canceled, abandoned, dropped, void, voided, withdrawn, skipped, won't do",
        "closed, archived, inactive, lost",
    ),
    say(
        "inactive, disabled, discontinued, retired, deactivated, obsolete, not active, unavailable, \
         hidden, end of life",
        "archived, closed",
    ),
    say("archived, deleted, retired, removed, archive", "inactive, closed"),
    say("draft, pending, upcoming, coming soon, unpublished", "new, inactive"),
    // How much things matter. A is the highest.
    say(
        "critical, urgent, highest, very high, p1, p0, 1, a, a plus, tier 1, platinum, top, blocker, \
         emergency, asap, immediate, vip, key, strategic",
        "high",
    ),
    say(
        "high, p2, 2, b, tier 2, gold, important, major, hot, strong, elevated, significant",
        "critical, medium",
    ),
    say(
        "medium, normal, standard, moderate, average, mid, med, regular, p3, 3, c, tier 3, silver, warm, \
         default, intermediate",
        "low, high",
    ),
    say(
        "low, lowest, minor, p4, p5, 4, d, tier 4, bronze, cold, very low, weak, trivial, small, not \
         urgent, minimal, someday",
        "medium",
    ),
    // What organizations are.
    say(
        "principal, manufacturer, supplier, vendor, brand, producer, maker, brand owner, processor, food \
         manufacturer, packer",
        "partner, distributor",
    ),
    say(
        "distributor, wholesaler, distribution, wholesale, reseller, dealer, food distributor, \
         broadliner, channel partner",
        "partner, supplier",
    ),
    say(
        "customer, client, account, buyer, operator, end customer, retailer, restaurant, consumer, end \
         user, direct customer, current customer",
        "prospect, other",
    ),
    say(
        "prospect, lead, potential customer, potential, prospective, target, suspect, prospective \
         customer",
        "customer, other",
    ),
    say(
        "partner, broker, affiliate, alliance, strategic partner, business partner, third party, \
         consultant, agency",
        "distributor, other",
    ),
    say(
        "other, misc, miscellaneous, general, unknown, n/a, not applicable, unspecified, others, \
         uncategorized",
        "",
    ),
    // How large organizations are.
    say(
        "enterprise, large, large enterprise, large business, corporate, strategic, national, key \
         account, big, xl",
        "mid-market",
    ),
    say(
        "mid-market, midmarket, mid size, midsize, mid sized, medium, medium business, mid, commercial, \
         regional, medium sized, midsize business",
        "smb, enterprise",
    ),
    say(
        "smb, sme, small and medium, small medium business, small and medium business, small & midsize \
         business",
        "small business",
    ),
    say(
        "small business, small-business, small, smb, sme, local, independent, small company, sb",
        "startup, mid-market",
    ),
    say(
        "startup, start up, micro, micro business, microbusiness, early stage, very small, solo, sole \
         proprietor, emerging, tiny, self employed",
        "small business",
    ),
    // What people are to a deal.
    say(
        "decision_maker, decider, economic buyer, approver, executive, final, full, final decision maker, \
         authority, signatory, primary, key decision maker, owner, final approver",
        "champion, buyer, influencer",
    ),
    say(
        "influencer, recommender, evaluator, technical evaluator, technical buyer, advisor, adviser, \
         partial, shared, limited, stakeholder, influence, specifier",
        "champion, decision_maker, other",
    ),
    say(
        "buyer, purchaser, procurement, purchasing, purchasing agent, purchasing manager, procurement \
         manager, economic buyer, business user",
        "decision_maker, influencer, other",
    ),
    say("end_user, user, consumer, business user, chef, staff", "influencer, other, buyer"),
    say(
        "champion, advocate, sponsor, executive sponsor, coach, supporter, promoter",
        "influencer, decision_maker",
    ),
    say("gatekeeper, blocker, assistant, detractor, administrator, admin", "influencer, other"),
    say(
        "none, no authority, no, nothing, null, unknown, n/a, no influence, not applicable",
        "other, low, end_user",
    ),
    // What kinds of deals there are.
    say(
        "new business, new, new customer, new logo, new account, net new, acquisition, new sale, new \
         deal, new client",
        "expansion, other",
    ),
    say(
        "expansion, upsell, up sell, cross sell, upsell cross sell, existing, existing business, existing \
         customer, existing account, growth, add on, addon, upgrade, existing customer upgrade, extension",
        "existing business, renewal, other",
    ),
    say(
        "renewal, renew, recurring, retention, repeat, repeat business, reorder, extension, renewed, \
         contract renewal, existing customer renewal",
        "existing business, expansion, other",
    ),
    // How sure deals are.
    say("pipeline, open pipeline, in pipeline, early, unlikely", "open, upside"),
    say("best_case, best, upside, likely, probable, possible, strong upside", "pipeline, commit"),
    say(
        "commit, committed, forecast, forecasted, most likely, certain, expected, in forecast",
        "best_case, pipeline",
    ),
    say("closed, closed deal, booked, actual, won", "omitted, commit"),
    say("omitted, omit, excluded, not forecasted, not forecast, none", "pipeline, closed"),
    // What foods are.
    say(
        "beverages, drinks, beverage, soft drinks, coffee and tea, juices, non alcoholic beverages, \
         liquids",
        "grocery",
    ),
    say(
        "dairy, dairy and eggs, dairy products, milk, cheese, refrigerated, chilled, cheese and dairy, \
         eggs and dairy, refrigerated dairy",
        "fresh_produce, frozen",
    ),
    say("frozen, frozen food, freezer, frozen goods, frozen products", "refrigerated, grocery"),
    say(
        "fresh_produce, produce, fruit and vegetables, fruits and vegetables, vegetables, fruit, fresh, \
         fruit and veg, fresh food, greens",
        "refrigerated, grocery",
    ),
    say(
        "meat_poultry, meat, poultry, protein, proteins, meat and seafood, meat and fish, meats, butcher, \
         meat products, meat poultry and seafood, deli",
        "refrigerated, frozen",
    ),
    say(
        "snacks, snack food, confectionery, sweets, candy, snacks and candy, snacks and confectionery, \
         bakery, chips",
        "grocery",
    ),
    say(
        "condiments, sauces, sauces and condiments, condiments and sauces, seasonings, spices, dressings, \
         spices and seasonings, herbs and spices",
        "grocery",
    ),
    say(
        "grocery, pantry, dry goods, dry, ambient, shelf stable, dry grocery, packaged goods, pantry \
         staples",
        "other",
    ),
    // How goods are counted.
    say("case, cs, ca, carton, ctn, box, bx, cases, pack", "pallet, each"),
    say("each, ea, unit, piece, pc, pcs, item, single, un, count, ct", "case"),
    say("pound, lb, lbs, weight, per pound, by weight", "kilogram, ounce, each"),
    say("kilogram, kg, kilo, kilos, kgs", ""),
    say("ounce, oz, gram, g", ""),
    say("pallet, plt, skid", ""),
    // Yes and no.
    say("yes, true, y, t, 1, on, active, enabled, x", ""),
    say("no, false, n, f, 0, off, inactive, disabled", ""),
];
