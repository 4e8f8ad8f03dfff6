//! Products for the table and for their own pages.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};
use stockroom::{
    changes::{Change, FieldOrigin},
    page::{Page, PageRequest},
    pictures::Picture,
    products::{
        Product, ProductQuery,
        news::{Mark, News},
        views::SavedView,
    },
};

use crate::error::AppError;

/// A product, in the bin or not, and what has happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductRecord {
    pub product: Product,
    pub history: Vec<Change>,
    /// Who or what set each field.
    pub origins: Vec<FieldOrigin>,
    /// Products that are variants of this one; at most a hundred.
    pub variants: Vec<Product>,
    pub parent: Option<Product>,
    /// In the order in which the product lists them.
    pub pictures: Vec<Picture>,
}

/// Saved filters, one's own and shared ones.
#[server(name = ListViews, prefix = "/actions", endpoint = "list_views", input = GetUrl, output = Json)]
pub async fn list_views() -> Result<Vec<SavedView>, AppError> {
    let request = crate::request::signed_in()?;
    match &request.user {
        Some(user) => Ok(stockroom::products::views::list(request.services.reader(), user).await?),
        None => Ok(Vec::new()),
    }
}

#[server(name = ListProducts, prefix = "/actions", endpoint = "list_products", input = GetUrl, output = Json)]
pub async fn list_products(query: ProductQuery, page: PageRequest) -> Result<Page<Product>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::products::list(request.services.reader(), &query, &page).await?)
}

/// What has changed since a page was made; without a mark, how far the shop has come.
#[server(name = GetNews, prefix = "/actions", endpoint = "get_news", input = GetUrl, output = Json)]
pub async fn get_news(since: Option<Mark>) -> Result<News, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::products::news::news(request.services.reader(), since).await?)
}

#[server(name = GetProduct, prefix = "/actions", endpoint = "get_product", input = GetUrl, output = Json)]
pub async fn get_product(id: i64) -> Result<ProductRecord, AppError> {
    let request = crate::request::signed_in()?;
    let db = request.services.reader();
    let product = stockroom::products::get_anywhere(db, id).await?;
    let history = stockroom::changes::history(db, id).await?;
    let origins = stockroom::changes::set_by(db, id).await?;
    let variants = stockroom::products::variants(db, id).await?;
    let parent = match product.parent_id {
        Some(parent) => Some(stockroom::products::get_anywhere(db, parent).await?),
        None => None,
    };
    let pictures = stockroom::pictures::of_references(db, &product.pictures).await?;
    Ok(ProductRecord {
        product,
        history,
        origins,
        variants,
        parent,
        pictures,
    })
}
