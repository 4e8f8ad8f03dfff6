//! How the shop is doing, for administrators.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use stockroom::monitoring::{Alert, Monitoring};

use crate::error::AppError;

#[server(name = GetMonitoring, prefix = "/actions/administration", endpoint = "get_monitoring", input = GetUrl, output = Json)]
pub async fn get_monitoring() -> Result<Monitoring, AppError> {
    let request = crate::request::administrator()?;
    Ok(stockroom::monitoring::look(&request.services).await?)
}

#[server(name = ListAlerts, prefix = "/actions/administration", endpoint = "list_alerts", input = GetUrl, output = Json)]
pub async fn list_alerts() -> Result<Vec<Alert>, AppError> {
    let request = crate::request::administrator()?;
    Ok(stockroom::monitoring::troubles(&request.services).await?)
}
