//! Other names of columns of goods and deals.

use super::alias::{Column, also};

/// The other names, separated by blanks.
pub const COLUMNS: &[Column] = &[
    also("products", "name", "title display_name label item_name", ""),
    also(
        "products",
        "principal_id",
        "manufacturer_id supplier_id vendor_id organization_id company_id principal_organization_id \
         maker_id producer_id principal_company_id principal_account_id",
        "account_id brand_owner_id org_id",
    ),
    also(
        "products",
        "description",
        "details summary long_description short_description desc product_details",
        "notes about",
    ),
    also(
        "products",
        "sku",
        "code product_code item_number item_code sku_code sku_number product_number article_number \
         stock_code part_number",
        "reference ref item_no",
    ),
    also("products", "upc", "barcode gtin upc_code ean bar_code upc_number gtin14 ean13", ""),
    also(
        "products",
        "category",
        "product_category category_name product_type food_category item_category",
        "type group product_group product_line department",
    ),
    also("products", "brand", "brand_name make label_name", "trademark"),
    also(
        "products",
        "unit_of_measure",
        "uom unit measure_unit unit_of_measurement selling_unit sales_unit unit_measure measurement_unit \
         base_unit unit_type",
        "",
    ),
    also(
        "products",
        "units_per_case",
        "case_pack pack_size case_quantity case_qty units_in_case pack_quantity case_count case_size \
         qty_per_case per_case pieces_per_case",
        "pack",
    ),
    also(
        "products",
        "cost_per_unit",
        "cost unit_cost cost_price purchase_price buying_price cost_each",
        "standard_cost",
    ),
    also(
        "products",
        "list_price",
        "price unit_price sale_price msrp retail_price selling_price sales_price base_price price_list \
         catalog_price default_price price_per_unit",
        "amount rrp",
    ),
    also(
        "products",
        "min_order_quantity",
        "moq minimum_order min_order min_order_qty minimum_order_quantity minimum_order_qty \
         minimum_quantity min_quantity min_qty",
        "",
    ),
    also(
        "products",
        "lead_time_days",
        "lead_time lead_days lead_time_in_days delivery_days leadtime delivery_lead_time",
        "",
    ),
    also(
        "products",
        "status",
        "product_status state product_state lifecycle_status availability_status",
        "availability lifecycle",
    ),
    also("products", "is_seasonal", "seasonal seasonal_item seasonal_flag is_season_item", ""),
    also(
        "products",
        "shelf_life_days",
        "shelf_life shelf_days shelf_life_in_days days_of_shelf_life",
        "expiry_days",
    ),
    also(
        "products",
        "custom_attributes",
        "attributes custom_fields attrs custom_data extra_attributes properties additional_attributes \
         custom_properties custom_values",
        "metadata extra meta extra_data specs specifications",
    ),
    also("opportunities", "name", "title deal_name deal_title opportunity_name", "subject label topic"),
    also("opportunities", "description", "details summary deal_description desc", "notes comments"),
    also(
        "opportunities",
        "stage",
        "pipeline_stage deal_stage sales_stage stage_name sale_stage funnel_stage opportunity_stage",
        "phase step sales_phase",
    ),
    also(
        "opportunities",
        "status",
        "deal_status opportunity_status status_name record_status open_status",
        "lifecycle_status",
    ),
    also("opportunities", "priority", "priority_level deal_priority urgency importance", "rating"),
    also(
        "opportunities",
        "amount",
        "value deal_value expected_revenue estimated_value deal_amount total_amount opportunity_value \
         estimated_revenue deal_size total_value expected_value estimated_amount potential_value",
        "total revenue worth size",
    ),
    also(
        "opportunities",
        "probability",
        "win_probability likelihood probability_percent probability_pct win_pct win_percent \
         probability_percentage close_probability win_likelihood chance win_rate",
        "confidence",
    ),
    also(
        "opportunities",
        "category",
        "deal_type opportunity_type deal_category business_type sale_type",
        "type kind",
    ),
    also(
        "opportunities",
        "forecast_category",
        "forecast forecast_type forecast_bucket forecast_status forecast_category_name",
        "",
    ),
    also(
        "opportunities",
        "estimated_close_date",
        "close_date expected_close_date expected_closing_date target_close_date est_close_date \
         estimated_close expected_close expected_close_at expected_close_on closing_date \
         forecast_close_date projected_close_date planned_close_date anticipated_close_date \
         estimated_closing_date target_date close_by",
        "expected_date due_date",
    ),
    also(
        "opportunities",
        "actual_close_date",
        "closed_at closed_on closed_date date_closed actual_closed_at actual_closing_date actual_close \
         closing_date_actual closed_time real_close_date",
        "won_at ended_at",
    ),
    also(
        "opportunities",
        "customer_organization_id",
        "customer_id company_id organization_id organisation_id account_id client_id org_id \
         customer_company_id customer_account_id buyer_id client_organization_id business_id \
         buyer_organization_id customer_org_id",
        "end_customer_id prospect_id",
    ),
    also(
        "opportunities",
        "principal_organization_id",
        "principal_id manufacturer_id supplier_id vendor_id principal_company_id principal_account_id \
         principal_org_id supplier_organization_id vendor_organization_id manufacturer_organization_id",
        "brand_owner_id producer_id",
    ),
    also(
        "opportunities",
        "distributor_organization_id",
        "distributor_id distributor_company_id distributor_account_id distributor_org_id wholesaler_id \
         wholesaler_organization_id",
        "reseller_id",
    ),
    also(
        "opportunities",
        "contact_id",
        "primary_contact_id main_contact_id contact_person_id key_contact_id",
        "customer_contact_id decision_maker_id",
    ),
    also(
        "opportunities",
        "next_action",
        "next_step next_steps next_activity next_actions following_step",
        "follow_up",
    ),
    also(
        "opportunities",
        "next_action_date",
        "next_step_date follow_up_date next_activity_date next_action_at next_action_on next_step_at \
         next_step_due next_follow_up followup_at next_contact_date next_action_due",
        "",
    ),
    also(
        "opportunities",
        "competition",
        "competitor competitors competitor_names competitor_name competing_with",
        "rivals",
    ),
    also(
        "opportunities",
        "decision_criteria",
        "criteria buying_criteria decision_factors purchase_criteria selection_criteria \
         evaluation_criteria",
        "requirements",
    ),
    also(
        "opportunity_participants",
        "role",
        "participant_role party_role participant_type party_type participation_role role_type",
        "type kind",
    ),
    also(
        "opportunity_participants",
        "organization_id",
        "participant_id participant_organization_id party_id participating_organization_id",
        "",
    ),
    also(
        "opportunity_contacts",
        "role",
        "contact_role buying_role deal_role role_in_deal role_name",
        "influence",
    ),
    also(
        "opportunity_products",
        "quantity",
        "qty units number_of_units quantity_ordered ordered_quantity num_units",
        "count amount_units",
    ),
    also(
        "opportunity_products",
        "unit_price",
        "price price_per_unit sale_price selling_price sales_price price_each",
        "list_price rate",
    ),
    also(
        "opportunity_products",
        "discount_percent",
        "discount discount_pct discount_percentage discount_rate percent_discount percentage_discount \
         line_discount",
        "",
    ),
    also(
        "opportunity_products",
        "notes",
        "note comment comments remark remarks memo line_notes",
        "description details",
    ),
    also(
        "product_inventory",
        "warehouse",
        "location warehouse_name warehouse_code storage_location warehouse_location stock_location \
         location_name depot",
        "site facility store",
    ),
    also(
        "product_inventory",
        "quantity_on_hand",
        "on_hand stock qty_on_hand quantity qty stock_on_hand stock_quantity stock_qty stock_level \
         on_hand_quantity on_hand_qty units_on_hand available_quantity quantity_available qty_available \
         quantity_in_stock current_stock",
        "available level units count balance",
    ),
    also(
        "product_inventory",
        "reorder_point",
        "reorder_level min_stock minimum_stock reorder_threshold low_stock_threshold min_stock_level \
         reorder_at minimum_level restock_level restock_point reorder_min",
        "safety_stock min_quantity threshold",
    ),
    also(
        "product_inventory",
        "updated_at",
        "counted_at last_counted_at stock_updated_at",
        "as_of last_count_date",
    ),
];
