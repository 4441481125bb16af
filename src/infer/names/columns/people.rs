//! Other names of columns of organizations, people and what they have to do, and of all tables'.

use super::alias::{Column, also};

/// The other names, separated by blanks.
pub const COLUMNS: &[Column] = &[
    also("*", "id", "pk uuid guid row_id record_id key_id identifier", "key"),
    also(
        "*",
        "created_at",
        "created created_on created_date create_date date_created date_added added_at added_on \
         inserted_at insert_date creation_date creation_time created_time create_time created_ts \
         created_timestamp create_timestamp created_dt time_created created_at_utc",
        "first_seen first_seen_at entered_at entry_date registered_at",
    ),
    also(
        "*",
        "updated_at",
        "updated updated_on updated_date update_date update_time updated_time updated_ts \
         updated_timestamp updated_dt date_updated date_modified modified modified_at modified_on \
         modified_date modified_time last_modified last_modified_at last_modified_date last_updated \
         last_updated_at last_update last_changed_at changed_at changed_on edited_at",
        "last_seen last_seen_at last_activity_at",
    ),
    also(
        "*",
        "deleted_at",
        "deleted_on deleted_date date_deleted deletion_date deleted_time deleted_ts archived_at \
         archived_on archived_date date_archived removed_at trashed_at soft_deleted_at",
        "",
    ),
    also("*", "role", "relation_role link_role", "relationship relationship_type relation relation_type"),
    also(
        "*",
        "is_primary",
        "primary is_main main is_default primary_flag is_primary_contact primary_contact is_main_contact \
         is_primary_organization is_primary_company is_lead_contact",
        "is_preferred",
    ),
    also(
        "organizations",
        "name",
        "title company_name org_name business_name trade_name trading_name legal_name display_name",
        "label",
    ),
    also(
        "organizations",
        "organization_type",
        "type kind company_type account_type org_type organisation_type category_type relationship_type \
         company_kind",
        "category class relationship classification",
    ),
    also(
        "organizations",
        "is_principal",
        "principal is_manufacturer is_supplier is_vendor is_producer principal_flag",
        "manufacturer",
    ),
    also("organizations", "is_distributor", "distributor is_wholesaler distributor_flag", "wholesaler"),
    also(
        "organizations",
        "segment",
        "company_segment market_segment business_segment segment_name market",
        "segmentation",
    ),
    also(
        "organizations",
        "customer_segment",
        "size_segment size_category customer_size size_class segment_by_size",
        "",
    ),
    also(
        "organizations",
        "priority",
        "tier rank priority_level account_tier customer_tier importance",
        "rating grade score_letter",
    ),
    also(
        "organizations",
        "industry",
        "sector vertical industry_name business_sector industry_sector trade line_of_business",
        "market_vertical",
    ),
    also(
        "organizations",
        "website",
        "url web homepage web_site website_url site_url home_page web_url web_address web_page \
         company_url website_address www",
        "domain site link",
    ),
    also(
        "organizations",
        "phone",
        "phone_number phone_no tel telephone telephone_number phones phone_jsonb phone_json main_phone \
         office_phone work_phone business_phone primary_phone phone_numbers phone_main contact_phone",
        "mobile fax_or_phone",
    ),
    also(
        "organizations",
        "email",
        "email_address mail e_mail emails email_jsonb email_json email_addresses main_email primary_email \
         business_email work_email general_email info_email contact_email",
        "mail_address",
    ),
    also("organizations", "city", "town city_name municipality", "locality"),
    also(
        "organizations",
        "state",
        "state_abbr state_code state_name province region state_province state_or_province province_code \
         us_state",
        "county",
    ),
    also(
        "organizations",
        "postal_code",
        "zip zipcode zip_code postcode post_code postal zip_postal_code",
        "",
    ),
    also("organizations", "country", "country_code country_name country_iso iso_country nation", ""),
    also(
        "organizations",
        "annual_revenue",
        "revenue turnover yearly_revenue annual_turnover annual_sales yearly_turnover revenue_annual \
         revenue_per_year",
        "sales_volume",
    ),
    also(
        "organizations",
        "employee_count",
        "employees num_employees number_of_employees no_of_employees headcount head_count nb_employees \
         staff_count employees_count total_employees count_of_employees employee_number",
        "staff team_size",
    ),
    also("contacts", "name", "full_name display_name complete_name person_name contact_full_name", "label"),
    also(
        "contacts",
        "first_name",
        "firstname given_name fname forename first name_first",
        "given christian_name",
    ),
    also("contacts", "last_name", "lastname surname family_name lname last name_last", "family"),
    also(
        "contacts",
        "email",
        "email_address mail e_mail emails email_jsonb email_json email_addresses primary_email work_email \
         business_email main_email",
        "mail_address",
    ),
    also(
        "contacts",
        "phone",
        "phone_number phone_no tel telephone telephone_number phones phone_jsonb phone_json phone_numbers \
         work_phone office_phone business_phone primary_phone main_phone direct_phone",
        "mobile mobile_phone cell cell_phone",
    ),
    also("contacts", "title", "job_title position job_position designation function", "occupation job"),
    also("contacts", "department", "dept division department_name dept_name", "team business_unit"),
    also(
        "contacts",
        "role",
        "buying_role contact_role deal_role purchase_role decision_role role_name",
        "persona",
    ),
    also(
        "contacts",
        "is_primary_contact",
        "is_primary primary_contact main_contact is_main_contact primary is_main primary_flag",
        "is_default",
    ),
    also(
        "contacts",
        "purchase_influence",
        "influence influence_level buying_influence purchasing_influence purchase_influence_level",
        "",
    ),
    also(
        "contacts",
        "decision_authority",
        "authority decision_power authority_level decision_level decision_making_authority \
         buying_authority",
        "",
    ),
    also(
        "contacts",
        "organization_id",
        "customer_organization_id customer_id employer_id works_at_id primary_organization_id \
         primary_company_id primary_account_id",
        "parent_id parent_organization_id",
    ),
    also("contact_organizations", "role", "contact_role position job_role", "title job_title"),
    also("contact_organizations", "contact_id", "member_id", ""),
    also("tasks", "title", "subject name text task_name summary headline task_title", "what label todo"),
    also(
        "tasks",
        "notes",
        "description details note body comment comments remarks memo task_notes",
        "content instructions info",
    ),
    also(
        "tasks",
        "due_date",
        "due due_on due_at deadline due_by due_time target_date date_due deadline_at deadline_date \
         due_datetime",
        "end_date scheduled_for scheduled_at scheduled_date",
    ),
    also(
        "tasks",
        "completed_at",
        "done_at completed_on done_date finished_at completion_date completed_date date_completed \
         finished_on closed_at done_on completed_time complete_date completed_timestamp",
        "resolved_at ended_at",
    ),
    also("tasks", "priority", "priority_level task_priority urgency importance", "severity rank"),
    also("opportunities", "lost_reason", "loss_reason reason_lost closed_lost_reason lost_because", ""),
    also("organizations", "customer_segment", "size company_size size_class size_band organization_size", ""),
    also(
        "products",
        "storage",
        "storage_class storage_type storage_zone temperature_zone temperature_class",
        "",
    ),
    also("tasks", "status", "task_status state", ""),
    also(
        "tasks",
        "is_completed",
        "completed is_done done is_complete complete is_finished finished",
        "is_closed",
    ),
    also("tasks", "opportunity_id", "related_opportunity_id related_deal_id", "lead_id"),
    also("tasks", "contact_id", "primary_contact_id related_contact_id contact_person_id", ""),
    also(
        "tasks",
        "organization_id",
        "customer_organization_id customer_id related_company_id related_account_id \
         related_organization_id",
        "",
    ),
];
