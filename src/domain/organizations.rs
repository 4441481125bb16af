//! Principals, distributors and customers: three populations in one table.

use crate::domain::dataset::{Dataset, Moment, Numbering, Pool, customer_id, distributor_id, principal_id};
use crate::domain::name::{Name, write_phone};
use crate::domain::parties::{Customers, Distributors, Location, Principals, revenue};
use crate::domain::table::{BOOL, Column, DECIMAL, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::random::Stream;
use crate::value::Batch;

const PRINCIPALS: usize = 0;
const DISTRIBUTORS: usize = 1;
const CUSTOMERS: usize = 2;

/// A, B, C or D, of 100 customers the best 12, 24, 36 and the rest.
pub fn priority(appeal: u64) -> &'static str {
    match appeal {
        88.. => "A",
        64.. => "B",
        28.. => "C",
        _ => "D",
    }
}

/// What a principal or a distributor may be like; customers have theirs in the fixtures.
#[derive(Clone, Copy, Debug)]
pub struct SellerSize {
    /// The `industry` column.
    pub industry: &'static str,
    /// Fewest and most employees: at least a mid-market company, most are no enterprise.
    pub employees: (i64, i64),
    /// Least and most revenue an employee and year, in thousands of dollars.
    pub revenue_per_employee: (i64, i64),
}

/// Industry, size and revenue of principals.
pub const PRINCIPAL_SIZE: SellerSize =
    SellerSize { industry: "Food & Beverage", employees: (101, 1800), revenue_per_employee: (140, 390) };
/// Industry, size and revenue of distributors.
pub const DISTRIBUTOR_SIZE: SellerSize =
    SellerSize { industry: "Distribution", employees: (101, 1000), revenue_per_employee: (400, 900) };

/// What an organization of any population has.
pub struct Organization {
    id: u64,
    population: usize,
    name: Name,
    location: Location,
    priority: Option<&'static str>,
    industry: &'static str,
    employees: i64,
    revenue: i64,
    created: Moment,
    now: i64,
}

pub struct Organizations {
    pools: [Pool; 3],
    now: i64,
    principals: Principals,
    distributors: Distributors,
    customers: Customers,
    /// Of the sellers; customers know theirs.
    employees: [Stream; 2],
    revenue: [Stream; 2],
    at: (usize, u64),
}

/// Limits of the company sizes: more employees than this make an enterprise, a mid-market
/// company, a small business; fewer a start-up.
const SIZES: [(i64, &str, &str); 3] = [
    (1000, "Enterprise", "enterprise"),
    (100, "Mid-Market", "mid-market"),
    (10, "Small Business", "small-business"),
];

/// The `segment` and `customer_segment` of so many employees.
pub fn size(employees: i64) -> (&'static str, &'static str) {
    let size = SIZES.iter().find(|(limit, _, _)| employees > *limit);
    size.map_or(("Small Business", "startup"), |(_, segment, customer)| (segment, customer))
}

const COLUMNS: &[Column<Organization>] = &[
    Column::derived(
        "id",
        INT,
        "numbered in rounds of 5 principals, 3 distributors and 20 customers",
        |o, out| out.id(o.id),
    ),
    Column::derived("name", TEXT.not_null(), "a unique name that fits the type", |o, out| {
        out.compose(|s| o.name.write(s))
    }),
    Column::derived(
        "organization_type",
        TEXT.not_null().one_of(&["principal", "distributor", "customer", "partner", "prospect"]),
        "principal, distributor or customer",
        |o, out| {
            out.word(["principal", "distributor", "customer"][o.population]);
        },
    ),
    Column::derived("is_principal", BOOL.not_null(), "from organization_type", |o, out| {
        out.bool(o.population == PRINCIPALS)
    }),
    Column::derived("is_distributor", BOOL.not_null(), "from organization_type", |o, out| {
        out.bool(o.population == DISTRIBUTORS);
    }),
    Column::derived("segment", TEXT, "from employee_count", |o, out| out.word(size(o.employees).0)),
    Column::derived(
        "priority",
        TEXT.one_of(&["A", "B", "C", "D"]),
        "A to D; NULL unless a customer",
        |o, out| {
            out.option(o.priority, Batch::word);
        },
    ),
    Column::derived("industry", TEXT, "fits the name", |o, out| out.word(o.industry)),
    Column::derived("website", TEXT, "a domain under .example made from the name", |o, out| {
        out.compose(|s| {
            s.push_str("https://www.");
            o.name.write_domain(s);
        });
    }),
    Column::drawn("phone", TEXT, "area code of the city, 555-0100 to 555-0199", |o, slot, out| {
        out.compose(|s| write_phone(s, o.location.area_code, slot));
    }),
    Column::drawn("email", TEXT, "an office at the website's domain", |o, slot, out| {
        let offices: &[&'static str] = match o.population {
            PRINCIPALS => &["sales", "broker", "orders", "info"],
            DISTRIBUTORS => &["orders", "customerservice", "info"],
            _ => &["purchasing", "info", "office", "kitchen"],
        };
        out.compose(|s| {
            s.push_str(slot.word(offices));
            s.push('@');
            o.name.write_domain(s);
        });
    }),
    Column::derived("city", TEXT, "a US city, weighted by population", |o, out| {
        out.word(o.location.place.city)
    }),
    Column::derived("state", TEXT, "state of the city", |o, out| out.word(o.location.place.state)),
    Column::derived("postal_code", TEXT, "ZIP code of the city", |o, out| out.word(o.location.postal_code)),
    Column::derived("country", TEXT.not_null(), "USA", |_, out| out.word("USA")),
    Column::derived(
        "annual_revenue",
        DECIMAL.within(0, 999_999_999_999_999),
        "employees times the usual revenue per employee of the industry",
        |o, out| {
            out.cents(o.revenue * 100);
        },
    ),
    Column::derived(
        "employee_count",
        INT.within(0, i32::MAX as i64),
        "in the range of the industry, mostly small",
        |o, out| out.int(o.employees),
    ),
    Column::derived(
        "customer_segment",
        TEXT.one_of(&["enterprise", "mid-market", "small-business", "startup"]),
        "from employee_count (more than 1000, 100 or 10)",
        |o, out| {
            out.word(size(o.employees).1);
        },
    ),
    Column::derived("created_at", TIMESTAMP.not_null(), "more in recent times", |o, out| {
        out.timestamp(o.created.second)
    }),
    Column::drawn("updated_at", TIMESTAMP.not_null(), "from created_at to the as-of date", |o, slot, out| {
        out.timestamp(o.created.touched(o.now, slot).second);
    }),
    Column::derived("deleted_at", TIMESTAMP, "NULL", |_, out| out.null()),
];

impl Entity for Organizations {
    type Row = Organization;
    const TABLE: TableInfo = TableInfo {
        name: "organizations",
        about: "principals, distributors and customers",
        needs: &[],
        key: &["id"],
        numbering: Numbering::Organizations,
        populations: &["principals", "distributors", "customers"],
    };
    const COLUMNS: &'static [Column<Organization>] = COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let streams =
            |column| Self::TABLE.populations.iter().map(move |p| Stream::new(dataset.seed, p, column));
        let sellers = |column| {
            let mut streams = streams(column);
            std::array::from_fn(|_| streams.next().expect("two populations of sellers"))
        };
        Self {
            pools: [dataset.principals, dataset.distributors, dataset.customers],
            now: dataset.now(),
            principals: Principals::new(dataset),
            distributors: Distributors::new(dataset),
            customers: Customers::new(dataset),
            employees: sellers("employee_count"),
            revenue: sellers("annual_revenue"),
            at: (0, 0),
        }
    }

    fn rows(&mut self) -> u64 {
        self.pools.iter().map(|pool| pool.count).sum()
    }

    fn seek(&mut self, mut ordinal: u64) {
        let mut population = 0;
        while population < CUSTOMERS && ordinal >= self.pools[population].count {
            ordinal -= self.pools[population].count;
            population += 1;
        }
        self.at = (population, ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Organization) {
        while self.at.0 < CUSTOMERS && self.at.1 >= self.pools[self.at.0].count {
            self.at = (self.at.0 + 1, 0);
        }
        let (population, position) = self.at;
        self.at.1 += 1;
        let index = self.pools[population].first + position;
        let row = match population {
            PRINCIPALS => self.principal(index),
            DISTRIBUTORS => self.distributor(index),
            _ => self.customer(index),
        };
        (RowKey { population, index, child: None }, row)
    }
}

impl Organizations {
    fn principal(&mut self, index: u64) -> Organization {
        let size = PRINCIPAL_SIZE;
        let employees = self.employees[PRINCIPALS].at(index).skewed(size.employees.0, size.employees.1);
        Organization {
            id: principal_id(index),
            population: PRINCIPALS,
            name: self.principals.name(index),
            location: self.principals.location(index),
            priority: None,
            industry: size.industry,
            employees,
            revenue: revenue(employees, size.revenue_per_employee, self.revenue[PRINCIPALS].at(index)),
            created: self.principals.ages.moment(index),
            now: self.now,
        }
    }

    fn distributor(&mut self, index: u64) -> Organization {
        let size = DISTRIBUTOR_SIZE;
        let employees = self.employees[DISTRIBUTORS].at(index).skewed(size.employees.0, size.employees.1);
        Organization {
            id: distributor_id(index),
            population: DISTRIBUTORS,
            name: self.distributors.name(index),
            location: self.distributors.location(index),
            priority: None,
            industry: size.industry,
            employees,
            revenue: revenue(employees, size.revenue_per_employee, self.revenue[DISTRIBUTORS].at(index)),
            created: self.distributors.ages.moment(index),
            now: self.now,
        }
    }

    fn customer(&mut self, index: u64) -> Organization {
        let kind = self.customers.kind(index);
        Organization {
            id: customer_id(index),
            population: CUSTOMERS,
            name: self.customers.name(index),
            location: self.customers.location(index),
            priority: Some(priority(self.customers.appeal(index))),
            industry: kind.industry,
            employees: self.customers.employees(index),
            revenue: self.customers.revenue(index),
            created: self.customers.ages.moment(index),
            now: self.now,
        }
    }
}
