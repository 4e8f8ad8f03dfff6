//! Accounts, API keys and the audit log, for administrators.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use stockroom::{
    accounts::{Account, ApiKeyInfo},
    audit::{AuditQuery, Entry},
    page::{Page, PageRequest},
};

use crate::error::AppError;

#[server(name = ListStaff, prefix = "/actions/administration", endpoint = "list_staff", input = GetUrl, output = Json)]
pub async fn list_staff() -> Result<Vec<Account>, AppError> {
    let request = crate::request::administrator()?;
    Ok(stockroom::accounts::staff(request.services.reader()).await?)
}

#[server(name = ListApiKeys, prefix = "/actions/administration", endpoint = "list_api_keys", input = GetUrl, output = Json)]
pub async fn list_api_keys() -> Result<Vec<ApiKeyInfo>, AppError> {
    let request = crate::request::administrator()?;
    Ok(stockroom::accounts::api_keys(request.services.reader()).await?)
}

#[server(name = ListAudit, prefix = "/actions/administration", endpoint = "list_audit", input = GetUrl, output = Json)]
pub async fn list_audit(query: AuditQuery, page: PageRequest) -> Result<Page<Entry>, AppError> {
    let request = crate::request::administrator()?;
    Ok(stockroom::audit::list(request.services.reader(), &query, &page).await?)
}
